import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NetworkMemory } from '../../../src/normalise/stencil/network-memory.ts'

test('a network answers for its own addresses and no others', () => {
  const networks = new NetworkMemory()
  expect(networks.find(0x0a0010)).toBe(0)
  networks.add(0x0a0013, 22, 7)
  const known = Array.from({ length: 32 }, (_, n) => networks.find(0x0a0000 + n))
  expect(known).toEqual(Array.from({ length: 32 }, (_, n) => (n >= 16 && n < 20 ? 7 : 0)))
  // One of more than sixteen thirds of an address is learnt sixteen at a time.
  networks.add(0x0b0005, 8, 9)
  expect([0x0b0000, 0x0b000f, 0x0b0010].map((network) => networks.find(network))).toEqual([9, 9, 0])
  // One that ends within the last byte says nothing of its neighbours.
  networks.add(0x0c0000, 25, 5)
  expect(networks.find(0x0c0000)).toBe(0)
  networks.forget()
  expect([0x0a0013, 0x0b0005].map((network) => networks.find(network))).toEqual([0, 0])
})

test('what it knows is true, whatever takes whose place', () => {
  // Prefix and answer of a network are functions of it, as a database has them.
  const prefixOf = (network: number) => 18 + ((network >>> 6) % 8)
  const answerOf = (network: number) => 1 + (network >>> Math.max(0, 24 - prefixOf(network)))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(255), fc.nat(3), fc.nat(255)), { maxLength: 300 }), (addresses) => {
      const networks = new NetworkMemory()
      for (const [a, b, c] of addresses) {
        // Blocks whose places are the same: the first byte and the last twelve bits undo each other.
        const network = (a << 16) | (((b << 8) | c) ^ (a >>> 4))
        const found = networks.find(network)
        if (prefixOf(network) > 24) expect(found).toBe(0)
        if (found !== 0) expect(found).toBe(answerOf(network))
        else networks.add(network, prefixOf(network), answerOf(network))
        if (prefixOf(network) <= 24) expect(networks.find(network)).toBe(answerOf(network))
      }
    }),
    { numRuns: 100 },
  )
})

test('a block that takes the place of another leaves it nothing', () => {
  const networks = new NetworkMemory()
  const first = 0x000010
  // Twenty bits whose lower twelve, mixed with the upper eight, are those of the first one.
  const second = ((1 << 12) | ((first >>> 4) ^ 1)) << 4
  networks.add(first, 24, 3)
  networks.add(second, 24, 4)
  expect([first, second].map((network) => networks.find(network))).toEqual([0, 4])
})
