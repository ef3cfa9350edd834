import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bisect, joined, type Span, type SpanOutcome } from '../../src/delivery/bisect.ts'

const refused = ({ from }: Span): SpanOutcome => ({
  kind: 'refused',
  from,
  reason: 'no',
  proof: 'answer',
  which: 'search',
})

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
          return { kind: 'refused', from, reason: `${from}`, proof: 'answer', which: 'search' }
        }
        for (let index = from; index < to; index++) delivered.push(index)
        return { kind: 'accepted' }
      }
      const result = await bisect({ from: 0, to: n }, { deliver, now: () => 0, limit: () => 10 })
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
  const deliver = async (span: Span): Promise<SpanOutcome> => refused(span)
  const result = await bisect({ from: 0, to: 1000 }, { deliver, now: () => 0, limit: () => 10 })
  expect(result.refused.map(({ index }) => index)).toEqual(Array.from({ length: 11 }, (_, index) => index))
  expect(joined(result.open)).toEqual([{ from: 11, to: 1000 }])
})

test('a stop leaves the rest open', async () => {
  let requests = 0
  const deliver = async (span: Span): Promise<SpanOutcome> =>
    ++requests < 3 ? refused(span) : { kind: 'stopped', from: span.from }
  const result = await bisect({ from: 0, to: 8 }, { deliver, now: () => 0, limit: () => 10 })
  expect(joined(result.open)).toEqual([{ from: 0, to: 8 }])
})

test('a destination that names the bad event, and proves nothing before it, is asked for both sides of it', async () => {
  const input = fc
    .integer({ min: 1, max: 100 })
    .chain((n) => fc.tuple(fc.constant(n), fc.uniqueArray(fc.nat(n - 1), { maxLength: 10 })))
  await fc.assert(
    fc.asyncProperty(input, async ([n, bad]) => {
      const delivered: number[] = []
      let requests = 0
      const deliver = async ({ from, to }: Span): Promise<SpanOutcome> => {
        requests++
        const at = Math.min(...bad.filter((index) => index >= from && index < to))
        if (at < to) return { kind: 'refused', from, at, reason: 'no', proof: 'answer', which: 'single' }
        for (let index = from; index < to; index++) delivered.push(index)
        return { kind: 'accepted' }
      }
      const result = await bisect({ from: 0, to: n }, { deliver, now: () => 0, limit: () => 10 })
      expect(result.refused.map(({ index }) => index)).toEqual([...bad].sort((a, b) => a - b))
      const good = Array.from({ length: n }, (_, index) => index).filter((index) => !bad.includes(index))
      expect(delivered).toEqual(good)
      expect(result.accepted).toBe(good.length)
      expect(requests).toBeLessThanOrEqual(2 * bad.length + 1)
    }),
  )
})

test('a destination that names the bad event is not asked again for those before it', async () => {
  const input = fc
    .integer({ min: 1, max: 100 })
    .chain((n) => fc.tuple(fc.constant(n), fc.uniqueArray(fc.nat(n - 1), { maxLength: 9 })))
  await fc.assert(
    fc.asyncProperty(input, async ([n, bad]) => {
      const delivered: number[] = []
      let requests = 0
      const deliver = async ({ from, to }: Span): Promise<SpanOutcome> => {
        requests++
        const first = bad.filter((index) => index >= from && index < to).sort((a, b) => a - b)[0]
        for (let index = from; index < (first ?? to); index++) delivered.push(index)
        return first === undefined
          ? { kind: 'accepted' }
          : { kind: 'refused', from: first, reason: 'bad', proof: 'answer', which: 'single' }
      }
      const result = await bisect({ from: 0, to: n }, { deliver, now: () => 0, limit: () => 10 })
      expect(result.refused.map(({ index }) => index)).toEqual([...bad].sort((a, b) => a - b))
      expect([...delivered, ...bad].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, at) => at))
      expect(result.accepted).toBe(delivered.length)
      expect(result.open).toEqual([])
      expect(requests).toBeLessThanOrEqual(bad.length + 1)
    }),
  )
})

test('what is refused as a whole is not searched, and is no search gone wrong', async () => {
  let requests = 0
  const deliver = async ({ from }: Span): Promise<SpanOutcome> => {
    requests++
    return { kind: 'refused', from: from + 3, reason: 'index', proof: 'struck', which: 'all' }
  }
  const result = await bisect({ from: 0, to: 1000 }, { deliver, now: () => 0, limit: () => 10 })
  expect(requests).toBe(1)
  expect(result).toMatchObject({ accepted: 3, gaveUp: false, open: [] })
  expect(result.refused).toHaveLength(997)
  expect(result.refused.every(({ whole }) => whole)).toBe(true)
})
