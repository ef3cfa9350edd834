import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeldMemory, type Share } from '../src/held-memory.ts'
import { seed } from './seed.ts'

test('goes back once, when all who hold it have let go, however often each of them says so', () => {
  const steps = fc.array(fc.record({ holds: fc.boolean(), who: fc.nat(9) }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (all) => {
      const given: Buffer[] = []
      const memory = new HeldMemory(Buffer.alloc(10), { give: (bytes) => given.push(bytes) })
      const shares: { readonly share: Share; held: boolean }[] = []
      for (const { holds, who } of all) {
        if (given.length > 0) {
          expect(() => memory.hold()).toThrow('nobody held any more')
          for (const { share } of shares) share.release()
        } else if (holds) shares.push({ share: memory.hold(), held: true })
        else if (shares[who]) {
          shares[who].share.release()
          shares[who].held = false
        }
        const isDone = shares.length > 0 && shares.every(({ held }) => !held)
        expect(given).toEqual(isDone ? [memory.bytes] : [])
      }
    }),
    { seed, numRuns: 200 },
  )
})
