import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bisect, joined, type SpanOutcome } from '../../src/delivery/bisect.ts'

test('finds exactly the k bad of n, delivers each good one once, in order, within 2k·log2(n) + 1 requests', async () => {
  const input = fc
    .integer({ min: 1, max: 200 })
    .chain((n) => fc.tuple(fc.constant(n), fc.uniqueArray(fc.nat(n - 1), { maxLength: 10 })))
  await fc.assert(
    fc.asyncProperty(input, async ([n, bad]) => {
      const delivered: number[] = []
      let requests = 0
      const deliver = async ({ from, to }: { from: number; to: number }): Promise<SpanOutcome> => {
        requests++
        if (bad.some((index) => index >= from && index < to)) {
          return { kind: 'refused', reason: `${from}`, proof: 'answer' }
        }
        for (let index = from; index < to; index++) delivered.push(index)
        return { kind: 'accepted' }
      }
      const result = await bisect({ from: 0, to: n }, { deliver, acceptedSoFar: () => 0, limit: () => 10 })
      const sorted = [...bad].sort((a, b) => a - b)
      expect(result.refused.map(({ index, reason }) => [index, reason])).toEqual(
        sorted.map((index) => [index, `${index}`]),
      )
      expect(delivered).toEqual(
        Array.from({ length: n }, (_, index) => index).filter((index) => !bad.includes(index)),
      )
      expect(result.open).toEqual([])
      expect(result.accepted).toBe(delivered.length)
      expect(requests).toBeLessThanOrEqual(2 * bad.length * Math.ceil(Math.log2(n)) + 1)
    }),
  )
})

test('gives up behind the limit, and what it knows nothing of stays open', async () => {
  const deliver = async (): Promise<SpanOutcome> => ({ kind: 'refused', reason: 'no', proof: 'answer' })
  const result = await bisect({ from: 0, to: 1000 }, { deliver, acceptedSoFar: () => 0, limit: () => 10 })
  expect(result.refused.map(({ index }) => index)).toEqual(Array.from({ length: 11 }, (_, index) => index))
  expect(joined(result.open)).toEqual([{ from: 11, to: 1000 }])
})

test('a stop leaves the rest open', async () => {
  let requests = 0
  const deliver = async (): Promise<SpanOutcome> =>
    ++requests < 3 ? { kind: 'refused', reason: 'no', proof: 'answer' } : { kind: 'stopped' }
  const result = await bisect({ from: 0, to: 8 }, { deliver, acceptedSoFar: () => 0, limit: () => 10 })
  expect(joined(result.open)).toEqual([{ from: 0, to: 8 }])
})
