import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { Reader } from 'mmdb-lib'
import { expect, test } from 'vitest'
import { ipv4Bits } from '../../../src/attribution/enrich/ipv4.ts'
import { SearchTree } from '../../../src/attribution/enrich/search-tree.ts'
import { mmdb } from './write-mmdb.ts'

/** Few first bytes, so that addresses lie in networks. */
const address = fc
  .tuple(fc.constantFrom(10, 11, 192), fc.constantFrom(0, 1, 128), fc.nat(255), fc.nat(255))
  .map((bytes) => bytes.join('.'))

test.each([
  [4, 24],
  [4, 28],
  [4, 32],
  [6, 24],
  [6, 28],
  [6, 32],
] as const)('IPv%i, records of %i bits: as the reader finds them', (ipVersion, recordSize) => {
  const network = fc.tuple(address, fc.integer({ min: 1, max: 32 }))
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 20 }),
      fc.array(address, { minLength: 1 }),
      (networks, addresses) => {
        // The largest first: a later one lies in an earlier one.
        const sorted = networks.toSorted(([, a], [, b]) => a - b)
        const bytes = mmdb({
          type: 'Test',
          ipVersion,
          recordSize,
          networks: sorted.map(([text, bits], i) => [`${text}/${bits}`, { name: `network ${i}` }]),
        })
        const reader = new Reader<never>(bytes)
        const tree = new SearchTree(bytes, reader.metadata)
        const byRecord = new Map<number, unknown>()
        for (const text of addresses) {
          const [expected, prefixLength] = reader.getWithPrefixLength(text)
          const { record, prefix } = tree.find(ipv4Bits(text)!)
          expect(record === 0).toBe(expected === null)
          if (expected !== null || ipVersion === 4) expect(prefix).toBe(prefixLength)
          if (byRecord.has(record)) expect(byRecord.get(record)).toEqual(expected)
          byRecord.set(record, expected)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('IPv6 addresses, as the reader finds them', () => {
  const networks: [string, object][] = [
    ['2001:db8::/32', { name: 'a' }],
    ['2001:db8:8000::/33', { name: 'b' }],
    ['2001:db8::7/128', { name: 'c' }],
  ]
  const bytes = mmdb({ type: 'Test', ipVersion: 6, recordSize: 28, networks })
  const reader = new Reader<never>(bytes)
  const tree = new SearchTree(bytes, reader.metadata)
  for (const text of ['2001:db8::1', '2001:db8::7', '2001:db8:8000::7', '2001:db9::', 'fe80::1', '::']) {
    const [expected, prefixLength] = reader.getWithPrefixLength(text)
    const { record, prefix } = tree.findIpv6(ipaddr.parse(text).toByteArray())
    expect([record !== 0, prefix]).toEqual([expected !== null, prefixLength])
  }
  const ofIpv4 = new SearchTree(bytes, { ...reader.metadata, ipVersion: 4 })
  expect(ofIpv4.findIpv6(ipaddr.parse('2001:db8::7').toByteArray())).toEqual({ record: 0, prefix: 0 })
})

test('records above 28 bits, and a tree that ends before its nodes', () => {
  const node = Buffer.alloc(8)
  node.writeUInt32BE(0xfedcba98, 0)
  node.writeUInt32BE(1, 4)
  const metadata = { ipVersion: 4, nodeCount: 1_000, recordSize: 32 }
  const tree = new SearchTree(node, metadata)
  expect(tree.find(0)).toEqual({ record: 0xfedcba98, prefix: 1 })
  expect(tree.find(-1).record).toBe(0)
})
