/** Data or configuration? What becomes of events that a destination does not take. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DeliveryBatch, Outcome } from '../../src/sinks/sink.ts'
import { event } from './memory-journal.ts'
import { accepted, range, setUp } from './scripted-sink.ts'

const refusedFor = (...seqs: number[]) => {
  return (batch: DeliveryBatch): Outcome =>
    batch.seqs.some((seq) => seqs.includes(seq))
      ? { kind: 'refused', reason: 'HTTP 400: bad event' }
      : accepted
}

async function lettersIn(
  directory: string,
): Promise<{ seq: number; reason: string; event: { n: number } }[]> {
  const names = await readdir(directory).catch(() => [])
  const texts = await Promise.all(
    names.toSorted((a, b) => a.localeCompare(b)).map((name) => readFile(join(directory, name), 'utf8')),
  )
  return texts
    .join('')
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as never)
}

test('the bad events of a batch become dead letters, the rest is delivered once', async () => {
  const bad = [3, 4, 57, 199]
  const { journal, clock, cursor, delivery, sink, dlq, notices, metrics } = await setUp(refusedFor(...bad))
  journal.appendMany(250)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 250)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 250).filter((seq) => !bad.includes(seq)))
  const letters = await lettersIn(dlq)
  expect(letters.map(({ seq, event: { n } }) => [seq, n]).toSorted((a, b) => a[0]! - b[0]!)).toEqual(
    bad.map((seq) => [seq, seq]),
  )
  expect(letters[0]!.reason).toBe('HTTP 400: bad event')
  expect(notices.reduce((sum, notice) => sum + (notice.kind === 'dead_letters' ? notice.count : 0), 0)).toBe(
    4,
  )
  expect((await metrics.eventsDeadLettered.get()).values).toMatchObject([{ value: 4 }])
  expect(delivery.status().state).toBe('ok')
})

test('a destination that refuses everything is held: no dead letters, and all is delivered when it is put right', async () => {
  const { journal, clock, cursor, delivery, sink, dlq, notices } = await setUp(() => ({
    kind: 'refused',
    reason: 'HTTP 400: unknown field',
  }))
  journal.appendMany(1000)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 3_600_000)
  expect(delivery.status()).toMatchObject({ state: 'held', settled: 0, lastError: 'HTTP 400: unknown field' })
  expect(await lettersIn(dlq)).toEqual([])
  // Held once, said once; and asked slowly: five batches searched once, then one event of each in 22.5 seconds.
  expect(notices).toEqual([{ kind: 'held', sink: 'test', reason: 'HTTP 400: unknown field' }])
  expect(sink.attempts.length).toBeLessThan(5 * 50 + 5 * (3600 / 22.5))
  sink.become(() => accepted)
  await clock.runUntil(() => cursor.settled === 1000)
  expect(new Set(sink.accepted)).toEqual(new Set(range(0, 1000)))
  expect(sink.accepted).toHaveLength(1000)
  expect(notices.at(-1)).toEqual({ kind: 'resumed', sink: 'test' })
})

test('refused from its first event on, alone: held until another event shows that the destination takes some', async () => {
  const { journal, clock, cursor, delivery, dlq } = await setUp(refusedFor(0), { config: { concurrency: 1 } })
  journal.appendMany(1)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 600_000)
  expect(delivery.status()).toMatchObject({ state: 'held', settled: 0 })
  expect(await lettersIn(dlq)).toEqual([])
  journal.append([event(1)])
  await clock.runUntil(() => cursor.settled === 2)
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual([0])
})

test('a batch that begins with many bad events is not judged by them', async () => {
  const bad = range(0, 15)
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp(refusedFor(...bad))
  journal.appendMany(100)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 100)
  expect((await lettersIn(dlq)).map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(bad)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(15, 100))
})

test('with one batch at a time a batch that was refused whole is searched from the front, as deep as it takes', async () => {
  const bad = range(0, 45)
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp(
    () => ({ kind: 'refused', reason: 'HTTP 400: unknown field' }),
    { config: { concurrency: 1 } },
  )
  journal.appendMany(50)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 3_600_000)
  expect(await lettersIn(dlq)).toEqual([])
  sink.become(refusedFor(...bad))
  await clock.runUntil(() => delivery.status().deliveredEvents > 0)
  journal.appendMany(1000)
  await clock.runUntil(() => cursor.settled === 1050)
  expect(sink.accepted).toEqual(range(45, 1050))
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual(bad)
})

test('one bad event in a trickle is a dead letter at once; a second without a success between is held', async () => {
  const { journal, clock, cursor, delivery, dlq } = await setUp(refusedFor(1, 2), {
    config: { concurrency: 1 },
  })
  await delivery.start()
  journal.append([event(0)])
  await clock.runUntil(() => cursor.settled === 1)
  journal.append([event(1)])
  await clock.runUntil(() => cursor.settled === 2)
  journal.append([event(2)])
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 600_000)
  expect(delivery.status()).toMatchObject({ state: 'held', settled: 2 })
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual([1])
})

test('credentials that expired hold the sink; nothing is dropped, and it resumes', async () => {
  const { journal, clock, cursor, delivery, sink, dlq, metrics } = await setUp(() => ({
    kind: 'held',
    reason: 'HTTP 401: token expired',
  }))
  journal.appendMany(700)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 2 * 3_600_000)
  expect(delivery.status()).toMatchObject({
    state: 'held',
    settled: 0,
    lag: 700,
    lastError: 'HTTP 401: token expired',
  })
  expect((await metrics.sinkHeld.get()).values).toMatchObject([{ value: 1 }])
  sink.become(() => accepted)
  await clock.runUntil(() => cursor.settled === 700)
  expect(delivery.status().state).toBe('ok')
  expect((await metrics.sinkHeld.get()).values).toMatchObject([{ value: 0 }])
  expect(await lettersIn(dlq)).toEqual([])
  expect(sink.accepted).toHaveLength(700)
})

test('a firewall that dislikes one body: it is found though its answer speaks of the configuration', async () => {
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp(
    (batch) => (batch.seqs.includes(150) ? { kind: 'held', reason: 'HTTP 403: blocked' } : accepted),
    { config: { concurrency: 2 } },
  )
  journal.appendMany(400)
  await delivery.start()
  const feed = { next: 400 }
  await clock.runUntil(() => {
    // Other events keep coming: they are what shows that the destination takes some.
    if (clock.now() % 3 === 0 && feed.next < 2000) journal.append([event(feed.next++)])
    return cursor.settled > 400
  })
  expect((await lettersIn(dlq)).map(({ seq, reason }) => [seq, reason])).toEqual([[150, 'HTTP 403: blocked']])
  expect(new Set(sink.accepted)).toEqual(
    new Set(range(0, journal.durableSeq).filter((seq) => seq !== 150 && sink.accepted.includes(seq))),
  )
  expect(range(0, 400).filter((seq) => !sink.accepted.includes(seq))).toEqual([150])
})

test.each([1, 4])(
  'a firewall that dislikes one body, and nothing comes after (concurrency %i)',
  async (concurrency) => {
    const { journal, clock, cursor, delivery, sink, dlq } = await setUp(
      (batch) => (batch.seqs.includes(150) ? { kind: 'held', reason: 'HTTP 403: blocked' } : accepted),
      { config: { concurrency } },
    )
    journal.appendMany(400)
    await delivery.start()
    await clock.runUntil(() => cursor.settled === 400)
    expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual([150])
    const others = range(0, 400).filter((seq) => seq !== 150)
    expect(concurrency === 1 ? sink.accepted : sink.accepted.toSorted((a, b) => a - b)).toEqual(others)
  },
)

test('when most events are refused it is not the data, though some pass', async () => {
  const { journal, clock, delivery, dlq } = await setUp((batch) =>
    batch.seqs.every((seq) => seq % 3 === 0) ? accepted : { kind: 'refused', reason: 'HTTP 422' },
  )
  journal.appendMany(3000)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 3_600_000)
  expect(delivery.status().state).toBe('held')
  expect((await lettersIn(dlq)).length).toBeLessThan(200)
})

test('dead letters that cannot be written hold the sink; it goes on once they can be', async () => {
  const { journal, clock, cursor, delivery, dlq } = await setUp(refusedFor(5))
  // A file where its directory should be.
  await writeFile(join(dlq, '..'), '')
  journal.appendMany(50)
  await delivery.start()
  await clock.runUntil(() => delivery.status().state === 'held')
  expect(delivery.status().lastError).toContain('dead letters cannot be kept')
  expect(cursor.settled).toBe(0)
  await rm(join(dlq, '..'))
  await clock.runUntil(() => cursor.settled === 50)
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual([5])
  expect(delivery.status().state).toBe('ok')
})

test('full dead letters hold the sink; the event stays unsettled until there is room', async () => {
  const { journal, clock, cursor, delivery, dlq } = await setUp(refusedFor(5), { maxDeadLetterBytes: 100 })
  journal.appendMany(50)
  await delivery.start()
  await clock.runUntil(() => delivery.status().state === 'held')
  expect(delivery.status().lastError).toContain('have reached their limit of 100 bytes')
  expect(cursor.settled).toBe(0)
  expect(await lettersIn(dlq)).toEqual([])
})
