/** Stopping: what is under way is waited for, what is not settled is not claimed, and nothing hangs. */
import { expect, test } from 'vitest'
import { accepted, range, setUp } from '../delivery/scripted-sink.ts'

test('a stop waits for the answers that are under way', async () => {
  const answers: (() => void)[] = []
  const { journal, cursor, clock, sink, delivery } = await setUp(
    () => new Promise((resolve) => answers.push(() => resolve(accepted))),
  )
  journal.appendMany(250)
  await delivery.start()
  await clock.runUntil(() => sink.attempts.length === 2)
  const stopped = delivery.stop(10_000)
  await new Promise((resolve) => setImmediate(resolve))
  // The third batch was cut already: it is sent as well.
  expect(sink.attempts).toHaveLength(3)
  for (const answer of answers) answer()
  await stopped
  expect(cursor.settled).toBe(250)
  expect(sink.stopped).toBe(true)
  expect(delivery.status().state).toBe('stopped')
})

test('at the deadline requests are ended, and their events stay unsettled', async () => {
  const { journal, cursor, clock, sink, delivery } = await setUp((batch, signal) => {
    if (batch.firstSeq === 0) return accepted
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'later', reason: 'aborted' }), { once: true })
    })
  })
  journal.appendMany(1000)
  await delivery.start()
  await clock.runUntil(() => sink.inFlight === 4)
  const begun = clock.now()
  let done = false
  const stopped = delivery.stop(10_000).then(() => {
    done = true
  })
  await clock.runUntil(() => done)
  await stopped
  expect(clock.now() - begun).toBe(10_000)
  expect(cursor.settled).toBe(100)
})

test('what waits for its next attempt is given up at once', async () => {
  const { journal, cursor, clock, sink, delivery } = await setUp(() => ({
    kind: 'later',
    reason: 'HTTP 503',
  }))
  journal.appendMany(1000)
  await delivery.start()
  await clock.runUntil(() => sink.attempts.length > 8)
  const begun = clock.now()
  await delivery.stop(10_000)
  expect(clock.now()).toBe(begun)
  expect(cursor.settled).toBe(0)
})

test.each(['later', 'held'] as const)(
  'nobody is told that a destination is well because the agent stops: %s',
  async (kind) => {
    const { journal, clock, sink, delivery, notices } = await setUp(() => ({ kind, reason: 'HTTP 401' }))
    journal.appendMany(1000)
    await delivery.start()
    await clock.runUntil(() => sink.attempts.length > 8)
    const told = [...notices]
    await delivery.stop(10_000)
    expect(told).toEqual(kind === 'held' ? [{ kind: 'held', sink: 'test', reason: 'HTTP 401' }] : [])
    expect(notices).toEqual(told)
  },
)

test('a stop in the middle of a search for bad events loses none, and the next start finds them', async () => {
  let requests = 0
  const first = await setUp((batch, signal) => {
    if (++requests > 3) {
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'later', reason: 'aborted' }), { once: true })
      })
    }
    return batch.seqs.includes(30) ? { kind: 'refused', reason: 'bad' } : accepted
  })
  first.journal.appendMany(100)
  await first.delivery.start()
  await first.clock.runUntil(() => requests > 3)
  let done = false
  const stopped = first.delivery.stop(100).then(() => {
    done = true
  })
  await first.clock.runUntil(() => done)
  await stopped
  expect(first.cursor.settled).toBe(0)
  const second = await setUp(() => accepted, { journal: first.journal, cursor: first.cursor })
  await second.delivery.start()
  await second.clock.runUntil(() => second.cursor.settled === 100)
  const all = new Set([...first.sink.accepted, ...second.sink.accepted])
  expect([...all].toSorted((a, b) => a - b)).toEqual(range(0, 100))
})
