import { expect, test } from 'vitest'
import { Ipv4Networks, ipv4Bits } from '../../../src/attribution/enrich/ipv4-networks.ts'

test.each([
  ['0.0.0.0', 0],
  ['10.1.2.3', 0x0a010203],
  ['127.0.0.1', 0x7f000001],
  ['255.255.255.255', -1],
])('%s is an address', (text, bits) => {
  expect(ipv4Bits(text)).toBe(bits)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '.1.2.3',
  '1..2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.04',
  '1.2.3.4 ',
  '1.2.3.x',
  '::1',
  '0x1.2.3.4',
])('%j is none', (text) => {
  expect(ipv4Bits(text)).toBeUndefined()
})

test('a network is asked about once, its parts each for themselves', () => {
  const asked: string[] = []
  const networks = new Ipv4Networks((text) => {
    asked.push(text)
    return [text, text.startsWith('10.') ? 20 : 25]
  })
  const ask = (text: string) => networks.of(text, ipv4Bits(text)!)
  expect(['10.0.0.1', '10.0.0.200', '10.0.1.1', '10.0.0.9'].map(ask)).toEqual([
    '10.0.0.1',
    '10.0.0.1',
    '10.0.1.1',
    '10.0.0.1',
  ])
  expect(['192.0.2.1', '192.0.2.200', '192.0.2.1'].map(ask)).toEqual([
    '192.0.2.1',
    '192.0.2.200',
    '192.0.2.1',
  ])
  expect(asked).toEqual(['10.0.0.1', '10.0.1.1', '192.0.2.1', '192.0.2.200', '192.0.2.1'])
})

test('a network that takes the place of another leaves it nothing', () => {
  const networks = new Ipv4Networks<string>((text) => [text, 24])
  const ask = (text: string) => networks.of(text, ipv4Bits(text)!)
  // Every first byte with the same place.
  const all = Array.from({ length: 256 }, (_, n) => `${n}.${n}.0.1`)
  expect([...all, ...all.toReversed()].map(ask)).toEqual([...all, ...all.toReversed()])
})
