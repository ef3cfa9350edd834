/** Outages of days: retry never expires, memory does not grow, and nothing is lost or re-ordered by it. */
import { expect, test } from 'vitest'
import { accepted, range, setUp } from '../delivery/scripted-sink.ts'

const day = 24 * 3_600_000

test('after four days without the destination, everything is delivered', async () => {
  const { journal, cursor, clock, sink, delivery } = await setUp(() => ({
    kind: 'later',
    reason: 'ECONNREFUSED',
  }))
  journal.appendMany(5000)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 4 * day)
  expect(cursor.settled).toBe(0)
  expect(delivery.status()).toMatchObject({ state: 'retrying', lag: 5000, lastError: 'ECONNREFUSED' })
  sink.become(() => accepted)
  const healed = clock.now()
  await clock.runUntil(() => cursor.settled === 5000)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 5000))
  expect(clock.now() - healed).toBeLessThanOrEqual(1_800_000)
})

test.each(['later', 'held'] as const)(
  'with one batch at a time, order is kept through an outage: %s',
  async (kind) => {
    let left = 7
    const { journal, cursor, clock, sink, delivery } = await setUp(
      () => (left-- > 0 ? { kind, reason: 'no' } : accepted),
      { config: { concurrency: 1 } },
    )
    journal.appendMany(1000)
    await delivery.start()
    await clock.runUntil(() => cursor.settled === 1000)
    expect(sink.accepted).toEqual(range(0, 1000))
  },
)

test.each(['later', 'held', 'refused'] as const)(
  'at most concurrency + 1 batches are in memory, however much waits: %s',
  async (kind) => {
    const { journal, clock, sink, delivery } = await setUp(() => ({ kind, reason: 'no' }), {
      config: { concurrency: 3 },
    })
    // One block is one batch here, so what is read is what is held.
    journal.appendMany(10_000)
    await delivery.start()
    const begun = clock.now()
    await clock.runUntil(() => clock.now() - begun > 600_000)
    expect(journal.furthest).toBeLessThanOrEqual(4 * 100)
    expect(sink.mostInFlight).toBeLessThanOrEqual(4)
  },
)
