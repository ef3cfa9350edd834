import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecentMarks } from '../../../src/receivers/server/recent-marks.ts'
import { seed } from '../../seed.ts'

/** 16 bytes, a character each. Those of equal `low` begin with the same word: they want the same slot. */
const keyOf = (low: number, n: number): string =>
  String.fromCharCode(low, 0, 0, 0) + hash('sha256', String(n), 'binary').slice(0, 12)
const contentOf = (n: number): string => hash('sha256', `content ${n}`, 'binary').slice(0, 16)

describe('marks', () => {
  test('are what a list of them would be, whatever is added and when', () => {
    const step = fc.record({
      key: fc.nat(60),
      low: fc.constantFrom(0, 1, 2, 255),
      content: fc.nat(5),
      later: fc.constantFrom(0, 0, 0, 1, 40, 101),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (steps, most) => {
        const window = 100
        const marks = new RecentMarks({ window, most })
        let list: { key: string; content: string; seq: number; at: number }[] = []
        let now = 1_000_000
        for (const [seq, { key, low, content, later }] of steps.entries()) {
          now += later
          list = list.filter(({ at }) => at > now - window)
          const added = { key: keyOf(low, key), content: contentOf(content), seq, at: now }
          marks.add(added.key, added, now)
          list = [...list, added].slice(-most)
          const all = new Set(steps.map((other) => keyOf(other.low, other.key)))
          for (const known of all) {
            const expected = list.findLast((one) => one.key === known)
            const found = marks.find(known, now)
            expect(found).toEqual(expected && { content: expected.content, seq: expected.seq })
          }
          expect(marks.size).toBe(list.length)
        }
      }),
      { seed, numRuns: 60 },
    )
  })

  test('grow to their limit and not beyond it', () => {
    const marks = new RecentMarks({ window: 1000, most: 5000 })
    for (let n = 0; n < 12_000; n++) marks.add(keyOf(n & 255, n), { content: contentOf(n), seq: n }, 5)
    expect(marks.size).toBe(5000)
    for (const n of [7000, 9000, 11_999]) {
      expect(marks.find(keyOf(n & 255, n), 6)).toEqual({ content: contentOf(n), seq: n })
    }
    for (const n of [0, 3000, 6999]) expect(marks.find(keyOf(n & 255, n), 6)).toBeUndefined()
    // Time takes them all, though nothing is added that would push them out.
    expect(marks.find(keyOf(11_999 & 255, 11_999), 1005)).toBeUndefined()
  })
})
