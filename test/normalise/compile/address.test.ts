// Who called, from what is written of it: an address, one with a port, a list of proxies.
import { describe, expect, test } from 'vitest'
import { createAddressReader } from '../../../src/normalise/compile/address.ts'
import { type Event, invalid, mapOne } from '../normalising.ts'

const read = (text: unknown) => {
  const reader = createAddressReader()
  const address = reader.read(text)
  return address === undefined ? undefined : { address, port: reader.port, chain: reader.chain }
}

test.each([
  ['10.0.0.1', '10.0.0.1', undefined],
  ['2001:db8::1', '2001:db8::1', undefined],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1', undefined],
  ['fe80::1%eth0', 'fe80::1%eth0', undefined],
  ['10.0.0.1:443', '10.0.0.1', 443],
  ['10.0.0.1:0', '10.0.0.1', 0],
  ['[2001:db8::1]:65535', '2001:db8::1', 65_535],
  ['[fe80::1%eth0]:22', 'fe80::1%eth0', 22],
  ['[::1]', '::1', undefined],
])('%s', (text, address, port) => {
  expect(read(text)).toEqual({ address, port, chain: undefined })
})

test.each([
  ['203.0.113.9, 10.0.0.1', '203.0.113.9', undefined, ['203.0.113.9', '10.0.0.1']],
  ['203.0.113.9,10.0.0.1:80,unknown', '203.0.113.9', undefined, ['203.0.113.9', '10.0.0.1:80', 'unknown']],
  ['[2001:db8::1]:9, 10.0.0.1', '2001:db8::1', 9, ['[2001:db8::1]:9', '10.0.0.1']],
  ['203.0.113.9,', '203.0.113.9', undefined, ['203.0.113.9']],
])('the list %s', (text, address, port, chain) => {
  expect(read(text)).toEqual({ address, port, chain })
})

test.each([
  '',
  'unknown',
  'db.example.com',
  'db.example.com:443',
  '256.0.0.1',
  '010.0.0.1',
  '10.0.0.1:65536',
  '10.0.0.1:',
  '10.0.0.1:http',
  '[10.0.0.1]:80',
  '[2001:db8::1',
  '10.0.0.0/8',
  ' 10.0.0.1',
  ', ',
  'unknown, 10.0.0.1',
  '10.0.0.1, and more',
  'unix:/run/a.sock',
  10,
  true,
  ['10.0.0.1'],
  null,
])('%j is none', (value) => {
  expect(read(value)).toBeUndefined()
})

const event = (mapping: object, record: object): Event => {
  const made = mapOne(mapping, record)
  expect(invalid(made)).toBeUndefined()
  return made
}

describe('in any mapping', () => {
  const mapping = { 'source.ip': 'peer' }

  test.each([
    ['10.0.0.1', { ip: '10.0.0.1' }],
    ['10.0.0.1:443', { ip: '10.0.0.1', port: 443 }],
    ['203.0.113.9, 10.0.0.1', { ip: '203.0.113.9', ip_chain: ['203.0.113.9', '10.0.0.1'] }],
    ['203.0.113.9:7, 10.0.0.1', { ip: '203.0.113.9', port: 7, ip_chain: ['203.0.113.9:7', '10.0.0.1'] }],
  ])('%s is all said by the event', (peer, source) => {
    const made = event(mapping, { peer })
    expect(made.source).toEqual(source)
    expect(made).not.toHaveProperty('unmapped')
    expect(made.quality).toEqual({ parse: 'ok' })
  })

  test.each(['unknown', 'db.example.com', '10.0.0', 10, ['10.0.0.1'], { ip: '10.0.0.1' }])(
    '%j stays where it was, and is told of',
    (peer) => {
      const made = event(mapping, { peer })
      expect(made).not.toHaveProperty('source')
      expect(made).toMatchObject({
        unmapped: { peer },
        quality: { warnings: ['source.ip: the value at peer is no IP address'] },
      })
    },
  )

  test('a name that another member takes is not told of, wherever it stands', () => {
    const hostname = { 'source.hostname': { path: 'peer', match: '^[a-z.]+$' } }
    for (const both of [
      { ...mapping, ...hostname },
      { ...hostname, ...mapping },
    ]) {
      const made = event(both, { peer: 'db.example.com' })
      expect(made).toMatchObject({ source: { hostname: 'db.example.com' }, quality: { parse: 'ok' } })
      expect(made).not.toHaveProperty('unmapped')
      expect(made.quality).not.toHaveProperty('warnings')
      expect(event(both, { peer: 'no name' }).quality).toHaveProperty('warnings')
      expect(event(both, { peer: '10.0.0.1' }).source).toEqual({ ip: '10.0.0.1' })
    }
  })

  test('the next alternative counts, and nothing is told of', () => {
    const made = event({ 'source.ip': ['peer', 'other'] }, { peer: 'unknown', other: '10.0.0.1' })
    expect(made).toMatchObject({ source: { ip: '10.0.0.1' }, unmapped: { peer: 'unknown' } })
    expect(made.quality).toEqual({ parse: 'ok' })
  })

  test("the record's own port and list count first; what is not said then stays in unmapped", () => {
    const own = { 'source.ip_chain': { path: 'xff', split: ', ' }, 'source.port': 'port', ...mapping }
    const same = event(own, { peer: '10.0.0.1:443', port: 443 })
    expect(same.source).toEqual({ ip: '10.0.0.1', port: 443 })
    expect(same).not.toHaveProperty('unmapped')
    expect(event(own, { peer: '10.0.0.1:443', port: 80 })).toMatchObject({
      source: { ip: '10.0.0.1', port: 80 },
      unmapped: { peer: '10.0.0.1:443' },
    })
    expect(event(own, { peer: '10.0.0.1, 10.0.0.2', xff: '10.0.0.9' })).toMatchObject({
      source: { ip: '10.0.0.1', ip_chain: ['10.0.0.9'] },
      unmapped: { peer: '10.0.0.1, 10.0.0.2' },
    })
    const twice = event(own, { peer: '10.0.0.1, 10.0.0.2', xff: '10.0.0.1, 10.0.0.2' })
    expect(twice).not.toHaveProperty('unmapped')
  })

  test.each([{ 'source.ip': 'peer' }, { 'source.port': 'port' }])(
    'a port whose own value asks for the address comes after it, whichever stands first: %j',
    (first) => {
      const asking = { ...first, 'source.ip': 'peer', 'source.port': { path: 'port', if: '$source.ip' } }
      expect(event(asking, { peer: '10.0.0.1', port: 80 }).source).toEqual({ ip: '10.0.0.1', port: 80 })
      expect(event(asking, { peer: '10.0.0.1:443', port: 80 })).toMatchObject({
        source: { ip: '10.0.0.1', port: 80 },
        unmapped: { peer: '10.0.0.1:443' },
      })
    },
  )

  test('what a part of a text is, and a template makes, is held against it too', () => {
    const part = { 'source.ip': { path: 'text', match: 'from (\\S+)' } }
    expect(event(part, { text: 'login from 10.0.0.1:443' })).toMatchObject({
      source: { ip: '10.0.0.1', port: 443 },
      unmapped: { text: 'login from 10.0.0.1:443' },
    })
    expect(event(part, { text: 'login from afar' })).not.toHaveProperty('source')
    const made = { 'source.ip': { template: '{net}.{host}' } }
    expect(event(made, { net: '10.0.0', host: '1' })).toMatchObject({ source: { ip: '10.0.0.1' } })
    expect(event(made, { net: '10.0.0', host: 'x' })).toMatchObject({
      unmapped: { net: '10.0.0', host: 'x' },
    })
  })
})
