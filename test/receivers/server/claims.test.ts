// Keys that are claimed: what a map of them would be, whoever comes and goes.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashWords } from '../../../src/event/record-marks.ts'
import { AskedKeys } from '../../../src/receivers/server/asked-keys.ts'
import { Claims } from '../../../src/receivers/server/claims.ts'
import { keyOf } from '../../../src/receivers/server/key-of.ts'
import { seed } from '../../seed.ts'

/** Those of equal `low` want the same slot. */
const wordsOf = (low: number, n: number) => Int32Array.of(low, n, n * 7, -n)

test('claims are what a map of them would be', () => {
  const step = fc.record({ low: fc.constantFrom(0, 1, 2, 1023), n: fc.nat(30), takes: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const claims = new Claims<string>()
      const map = new Map<string, number>()
      for (const [index, { low, n, takes }] of steps.entries()) {
        const words = wordsOf(low, n)
        const place = map.get(words.join())
        expect(claims.placeOf(words, 0)).toBe(place ?? -1)
        if (place === undefined && takes) map.set(words.join(), claims.add(words, 0, words.join(), index))
        else if (place !== undefined && !takes) {
          expect(claims.by(place)).toBe(words.join())
          claims.delete(place)
          map.delete(words.join())
        }
      }
    }),
    { seed, numRuns: 100 },
  )
})

test('there is room for as many as are claimed', () => {
  const claims = new Claims<number>()
  const places = Array.from({ length: 5000 }, (_, n) => claims.add(wordsOf(n & 7, n), 0, n, n))
  expect(new Set(places).size).toBe(5000)
  for (const [n, place] of places.entries()) {
    expect(claims.placeOf(wordsOf(n & 7, n), 0)).toBe(place)
    expect([claims.by(place), claims.indexAt(place)]).toEqual([n, n])
    claims.delete(place)
  }
  expect(claims.placeOf(wordsOf(1, 1), 0)).toBe(-1)
})

test('marks are of those that were asked for', () => {
  const one = (key: string) => ({ key: keyOf([key]), content: keyOf(['c', key]), otherwise: 'keep' as const })
  const some = AskedKeys.of([undefined, one('a'), undefined, one('b'), one('request')])
  const marks = some.marks(4)
  expect([...marks.records]).toEqual([1, 3, -1])
  const all = AskedKeys.of([one('a'), one('b'), one('request')]).marks(2)
  expect([...all.records]).toEqual([0, 1, -1])
  expect(marks.words.subarray(0, 6 * hashWords)).toEqual(all.words)
})
