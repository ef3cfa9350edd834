// What a sink has not settled, to the event: whatever settled out of order, in parts, or as dead letters.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnsettledJournal } from '../../src/delivery/unsettled-journal.ts'
import type { Outcome } from '../../src/sinks/sink.ts'
import { seed } from '../seed.ts'
import { event, MemoryJournal } from './memory-journal.ts'
import { accepted, range, setUp } from './scripted-sink.ts'

const never = new AbortController().signal
const away: Outcome = { kind: 'later', reason: 'HTTP 503' }

const unsettledOf = (delivery: Awaited<ReturnType<typeof setUp>>['delivery'], seqs: readonly number[]) => {
  const unsettled = delivery.unsettled()
  return seqs.filter((seq) => unsettled.has(seq))
}

test('batches that settled behind one that does not are settled; so are parts of it', async () => {
  const { journal, clock, sink, delivery } = await setUp(({ firstSeq }) => {
    if (firstSeq === 0) return { ...away, taken: 40 }
    return firstSeq < 100 ? away : accepted
  })
  journal.appendMany(1000)
  await delivery.start()
  await clock.runUntil(() => sink.accepted.length === 940)
  expect(delivery.status().settled).toBe(0)
  expect(unsettledOf(delivery, range(0, 1000))).toEqual(range(40, 100))
  await delivery.stop(0)
  expect(unsettledOf(delivery, range(0, 1000))).toEqual(range(40, 100))
})

test('what has not been looked at is unsettled, and so is what is being filled', async () => {
  const { journal, clock, sink, delivery } = await setUp(() => away, { config: { concurrency: 1 } })
  journal.appendMany(1000)
  await delivery.start()
  await clock.runUntil(() => sink.attempts.length > 3)
  expect(unsettledOf(delivery, range(0, 1000))).toEqual(range(0, 1000))
})

test('dead letters are settled', async () => {
  const { journal, clock, delivery } = await setUp(({ seqs }) => {
    if (seqs.includes(166)) return { kind: 'refused', reason: 'HTTP 400' }
    return seqs.includes(10) ? away : accepted
  })
  journal.appendMany(200)
  await delivery.start()
  await clock.runUntil(() => delivery.status().inFlight === 1)
  expect(unsettledOf(delivery, range(0, 200))).toEqual(range(0, 100))
})

test('at any moment, whatever the destination takes: exactly what it does not have', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom('all', 'none', 'some'), { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 40 }),
    async (answers, partitions, attempts) => {
      let asked = 0
      const { journal, clock, sink, delivery } = await setUp(
        ({ count }) => {
          const answer = answers[asked++ % answers.length]
          if (answer === 'all') return accepted
          return { ...away, ...(answer === 'some' && { taken: Math.floor(count / 2) }) }
        },
        {
          config: { batch: { max_events: 20 } },
          partition: ({ event: { n } }) => String(Number(n) % partitions),
        },
      )
      journal.appendMany(300, 13)
      await delivery.start()
      await clock.runUntil(() => sink.attempts.length >= attempts || delivery.status().settled === 300)
      await delivery.stop(0)
      const has = new Set(sink.accepted)
      expect(unsettledOf(delivery, range(0, 300))).toEqual(range(0, 300).filter((seq) => !has.has(seq)))
    },
  )
  await fc.assert(property, { seed, numRuns: 30 })
})

test('a journal of what is unsettled: what two sinks have not, once, and nothing that the stand-in gets anyway', async () => {
  const journal = new MemoryJournal()
  journal.append(range(0, 90).map((n) => ({ ...event(n), routes: [[0b001, 0b010, 0b111][n % 3]!] })))
  journal.append(range(90, 120).map((n) => ({ ...event(n), routes: [0b011] })))
  const { Unsettled } = await import('../../src/delivery/unsettled.ts')
  const of = (name: string, bit: number, position: number, seqs: readonly number[]) => ({
    name,
    unsettled: new Unsettled(0, position, [Float64Array.from(seqs)]),
    from: 5,
    maskOf: () => Uint32Array.of(bit),
  })
  const view = new UnsettledJournal({
    journal,
    from: 5,
    to: 110,
    // Routed to a: 0, 2, 3, 5, 6, 8 …; it has all below 60 but these, and not 2, which is below the first.
    sinks: [of('a', 0b001, 60, [2, 9, 12, 18, 20]), of('b', 0b010, 100, [20, 22])],
    without: () => Uint32Array.of(0b100),
  })
  const selected: number[] = []
  await using reader = view.read(0)
  for (let block = await reader.next(); block !== null; block = await reader.next()) {
    const { firstSeq, routes, count } = block
    for (let index = 0; index < count; index++) if (routes[index] === 1) selected.push(firstSeq + index)
  }
  const goesToA = (n: number) => n >= 90 || n % 3 !== 1
  const both = (n: number) => n < 90 && n % 3 === 2
  const expected = [9, 12, 18, 22, ...range(60, 110).filter(goesToA)].filter((n) => !both(n))
  expect(selected).toEqual(expected)
  const a = [9, 12, 18, 20, ...range(60, 110).filter(goesToA)]
  expect(view.found.get('a')).toMatchObject({
    events: a.length,
    // 11, 14, 15 and 17 are a's too, and settled.
    ranges: [
      { firstSeq: 9, lastSeq: 9 },
      { firstSeq: 12, lastSeq: 12 },
      { firstSeq: 18, lastSeq: 20 },
      { firstSeq: 60, lastSeq: 109 },
    ],
  })
  expect(view.found.get('b')).toMatchObject({
    events: 12,
    ranges: [
      { firstSeq: 20, lastSeq: 22 },
      { firstSeq: 100, lastSeq: 109 },
    ],
  })
  expect(view.left).toBe(a.filter(both).length)
  // Read again, and counted to its end: nothing is counted twice.
  await using again = view.read(0)
  await again.next()
  expect(await view.count(never)).toBe(true)
  expect(view.found.get('a')?.events).toBe(a.length)
})
