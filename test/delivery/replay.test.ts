// A range of the journal sent once more: what goes, how it is cut, and what it leaves alone.
import { expect, onTestFinished, test } from 'vitest'
import type { DeliveryNotice } from '../../src/delivery/condition.ts'
import { Replay } from '../../src/delivery/replay.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { event, MemoryJournal } from './memory-journal.ts'
import { accepted, type Destination, range, type SetupOptions, setUp } from './scripted-sink.ts'

const never = new AbortController().signal

async function replaying(
  answer: Destination,
  { from, to, journal, ...options }: SetupOptions & { from: number; to: number; journal: MemoryJournal },
) {
  const setup = await setUp(answer, { ...options, journal })
  const lettered: DeliveryNotice[] = []
  const { openDeadLetters } = await import('../../src/delivery/dead-letters.ts')
  const deadLetters = await openDeadLetters({ directory: setup.dlq, clock: setup.clock })
  onTestFinished(() => deadLetters[Symbol.asyncDispose]())
  const replay = new Replay({
    sink: setup.sink,
    journal,
    from,
    to,
    select: options.select ?? (() => ({ mask: Uint32Array.of(1), overrides: undefined })),
    config: {
      batch: { max_bytes: 1024 ** 2, max_events: 100, timeout: 50, linger: 5, ...options.config?.batch },
      concurrency: { min: 4, max: 4 },
      retry: { initial: 500, max: 30_000 },
    },
    deadLetters,
    clock: setup.clock,
    random: () => 0.5,
    log: silentLog,
    lettered: (notice) => lettered.push(notice),
  })
  return { ...setup, replay, lettered }
}

/** Runs it on the virtual clock. */
async function finish(clock: { runUntil(done: () => boolean): Promise<void> }, running: Promise<boolean>) {
  let done = false
  const ended = running.finally(() => {
    done = true
  })
  await clock.runUntil(() => done)
  return await ended
}

test('exactly the range, in the middle of blocks; the sink is neither started nor stopped, and no cursor moves', async () => {
  const journal = new MemoryJournal()
  journal.appendMany(1000)
  const { clock, cursor, sink, replay, metrics } = await replaying(() => accepted, {
    journal,
    from: 42,
    to: 957,
  })
  expect(await replay.survey(never)).toEqual({ events: 916, missing: [] })
  expect(await finish(clock, replay.run(never))).toBe(true)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(42, 958))
  expect(replay.progress).toMatchObject({ settled: 958, accepted: 916, deadLettered: 0, missing: [] })
  expect({ stopped: sink.stopped, cursor: cursor.settled }).toEqual({ stopped: false, cursor: 0 })
  expect((await metrics.eventsDelivered.get()).values).toEqual([])
})

test('the same range is cut alike each time, however slowly it is read, and has the same keys', async () => {
  const keys: string[][] = []
  for (const perBlock of [1000, 7, 33]) {
    const journal = new MemoryJournal()
    journal.appendMany(1000, perBlock)
    const { clock, sink, replay } = await replaying(
      async () => {
        await clock.sleep(500)
        return accepted
      },
      { journal, from: 10, to: 899 },
    )
    expect(await finish(clock, replay.run(never))).toBe(true)
    keys.push(sink.attempts.map(({ key }) => key))
  }
  expect(keys[0]).toHaveLength(9)
  expect(keys[0]![0]).toBe('affiant/test/1/10-109')
  expect(keys[1]).toEqual(keys[0])
  expect(keys[2]).toEqual(keys[0])
})

test('ended halfway: what is under way is answered, nothing else is sent, and it is known how far it came', async () => {
  const journal = new MemoryJournal()
  journal.appendMany(1000)
  const stop = new AbortController()
  const { clock, sink, replay } = await replaying(
    async () => {
      if (sink.attempts.length === 6) stop.abort()
      await clock.sleep(10)
      return accepted
    },
    { journal, from: 0, to: 999 },
  )
  expect(await finish(clock, replay.run(stop.signal))).toBe(false)
  expect(sink.attempts.length).toBeLessThanOrEqual(8)
  expect(sink.attempts.every(({ first, last }) => last - first === 99)).toBe(true)
  const { settled, accepted: count } = replay.progress
  expect(count).toBe(sink.accepted.length)
  expect(settled).toBe(count)
})

test('a destination that is away is waited for, with the reason; the signal ends that', async () => {
  const journal = new MemoryJournal()
  journal.appendMany(10)
  const stop = new AbortController()
  const { clock, replay } = await replaying(() => ({ kind: 'later', reason: 'no answer' }), {
    journal,
    from: 0,
    to: 9,
  })
  const running = replay.run(stop.signal)
  await clock.runUntil(() => replay.progress.waiting !== undefined)
  expect(replay.progress.waiting).toBe('no answer')
  stop.abort()
  expect(await finish(clock, running)).toBe(false)
  expect(replay.progress).toMatchObject({ settled: 0, accepted: 0 })
})

test('what is gone is found before, and passed over to the end of the range', async () => {
  const journal = new MemoryJournal()
  journal.appendMany(300)
  journal.expireBlocks(1)
  const all = await replaying(() => accepted, { journal, from: 50, to: 249 })
  expect(await all.replay.survey(never)).toEqual({ events: 150, missing: [{ firstSeq: 50, lastSeq: 99 }] })
  expect(await finish(all.clock, all.replay.run(never))).toBe(true)
  expect(all.sink.accepted.toSorted((a, b) => a - b)).toEqual(range(100, 250))
  expect(all.replay.progress.missing).toEqual([{ firstSeq: 50, lastSeq: 99 }])

  journal.expireBlocks(2)
  const none = await replaying(() => accepted, { journal, from: 50, to: 249 })
  const missing = [{ firstSeq: 50, lastSeq: 249 }]
  expect(await none.replay.survey(never)).toEqual({ events: 0, missing })
  expect(await finish(none.clock, none.replay.run(never))).toBe(true)
  expect(none.replay.progress).toMatchObject({ settled: 250, accepted: 0, missing })
})

test('only what routes send to the sink, as they said then, and in the partitions of then', async () => {
  const journal = new MemoryJournal()
  journal.append(
    range(0, 90).map((n) => ({ ...event(n), routes: [n % 3 === 0 ? 0b10 : 0b01] })),
    { routeTable: 'old' },
  )
  const { clock, sink, replay } = await replaying(() => accepted, {
    journal,
    from: 0,
    to: 89,
    select: () => ({ mask: Uint32Array.of(0b10), overrides: undefined }),
    partition: ({ event: { n } }) => (Number(n) % 2 === 0 ? 'even' : 'odd'),
  })
  expect((await replay.survey(never)).events).toBe(30)
  expect(await finish(clock, replay.run(never))).toBe(true)
  expect(sink.attempts).toHaveLength(2)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 30).map((n) => 3 * n))
})

test('one bad event becomes a dead letter, and the rest is accepted', async () => {
  const journal = new MemoryJournal()
  journal.appendMany(200)
  const { clock, sink, replay, lettered } = await replaying(
    ({ seqs }) => (seqs.includes(66) ? { kind: 'refused', reason: 'HTTP 400' } : accepted),
    { journal, from: 0, to: 199 },
  )
  expect(await finish(clock, replay.run(never))).toBe(true)
  expect(sink.accepted).toHaveLength(199)
  expect(replay.progress).toMatchObject({ settled: 200, accepted: 199, deadLettered: 1 })
  expect(lettered).toMatchObject([{ kind: 'dead_letters', firstSeq: 66, lastSeq: 66 }])
})
