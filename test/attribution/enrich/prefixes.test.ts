import { expect, test } from 'vitest'
import { networkOf, networkPrefixes, textPrefixes } from '../../../src/attribution/enrich/prefixes.ts'

test('the longest key that a text begins with', () => {
  const prefixes = textPrefixes([
    ['projects/', 1],
    ['projects/acme-', 2],
    ['projects/acme-prod', 3],
  ])
  expect(prefixes.find('projects/acme-production')).toBe(3)
  expect(prefixes.find('projects/acme-dev')).toBe(2)
  expect(prefixes.find('projects/other')).toBe(1)
  expect(prefixes.find('project')).toBeUndefined()
})

const networks = networkPrefixes(
  [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.3',
    '0.0.0.0/0',
    '2001:db8::/32',
    '2001:db8:1::/49',
    '::ffff:192.0.2.0/120',
  ].map((text) => [networkOf(text)!, text] as const),
)

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['10.1.2.4', '10.1.0.0/16'],
  ['10.200.0.1', '10.0.0.0/8'],
  ['11.0.0.1', '0.0.0.0/0'],
  ['::ffff:10.1.9.9', '10.1.0.0/16'],
  ['192.0.2.77', '::ffff:192.0.2.0/120'],
  ['2001:db8:1:7fff::1', '2001:db8:1::/49'],
  ['2001:db8:1:8000::1', '2001:db8::/32'],
  ['2001:db9::1', undefined],
  ['10.1.2', undefined],
  ['10.0.0.0/8', undefined],
  ['', undefined],
])('%s lies in %s', (address, network) => {
  expect(networks.find(address)).toBe(network)
})

test.each([
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0/8',
  '1.2.3.4.5',
  '10.0.0.0/8/1',
  '2001:db8::/129',
  'host',
  '10.0.0.0/',
])('%s is no network', (text) => {
  expect(networkOf(text)).toBeUndefined()
})
