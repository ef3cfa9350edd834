import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlannedCut, PlannedCuts, runsOf } from '../../src/delivery/planned-cut.ts'

const cutOf = (id: number, seqs: readonly number[], epoch = 1): PlannedCut => ({
  id,
  epoch,
  partition: '',
  runs: runsOf(Float64Array.from(seqs)),
  firstSeq: seqs[0]!,
  lastSeq: seqs.at(-1)!,
  done: false,
  plan: undefined,
})

test('runs say exactly which seqs a cut has, however cuts overlap', () => {
  const owners = fc.array(fc.array(fc.nat(3), { maxLength: 3 }), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(owners, fc.nat(1000), (of, base) => {
      const cuts = [0, 1, 2, 3].flatMap((id) => {
        const seqs = of.flatMap((ids, index) => (ids.includes(id) ? [base + index] : []))
        return seqs.length === 0 ? [] : [cutOf(id, seqs)]
      })
      const planned = new PlannedCuts(cuts)
      for (const [index, ids] of of.entries()) {
        const covering = planned.covering(1, base + index).map(({ id }) => id)
        expect(new Set(covering)).toEqual(new Set(ids))
        // An event that did not fit is asked for again.
        expect(planned.covering(1, base + index)).toHaveLength(covering.length)
      }
      expect(planned.covering(1, base + of.length)).toEqual([])
      expect(planned.empty).toBe(true)
    }),
  )
})

test('a cut of another epoch has none of these events', () => {
  const planned = new PlannedCuts([cutOf(1, [3, 4], 7)])
  expect(planned.covering(1, 3)).toEqual([])
  expect(planned.covering(7, 3)).toHaveLength(1)
})
