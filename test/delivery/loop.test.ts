import { expect, test } from 'vitest'
import { type EventView, Unroutable } from '../../src/sinks/sink.ts'
import { event, MemoryCursor, MemoryJournal } from './memory-journal.ts'
import { accepted, range, setUp } from './scripted-sink.ts'

test('delivers what is there and what comes, and the cursor follows', async () => {
  const { journal, cursor, clock, sink, delivery, metrics } = await setUp(() => accepted)
  journal.appendMany(250)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 250)
  journal.appendMany(3)
  await clock.runUntil(() => cursor.settled === 253)
  expect(sink.accepted).toEqual(range(0, 253))
  expect(delivery.status()).toEqual({
    name: 'test',
    state: 'ok',
    settled: 253,
    lag: 0,
    oldestUnsettledSeconds: 0,
    lastError: undefined,
    inFlight: 0,
    limit: 4,
    deliveredEvents: 253,
    endpoints: [],
  })
  expect((await metrics.eventsDelivered.get()).values).toMatchObject([{ value: 253 }])
})

test('begins at the cursor, in the middle of a block', async () => {
  const { journal, clock, cursor, sink, delivery } = await setUp(() => accepted, {
    cursor: new MemoryCursor(42),
  })
  journal.appendMany(100)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 100)
  expect(sink.accepted).toEqual(range(42, 100))
})

test('a journal that cannot say when there is more is asked again after a while, not at once', async () => {
  const { journal, cursor, clock, sink, delivery } = await setUp(() => accepted)
  const failures = 1_000
  for (let n = 0; n < failures; n++) journal.waitErrors.push(new Error('the journal is closed'))
  await delivery.start()
  // Without a pause all of them would be used up before any timer had its turn.
  await new Promise((resolve) => setImmediate(resolve))
  expect(journal.waitErrors.length).toBeGreaterThan(failures - 5)
  journal.waitErrors.length = 0
  journal.appendMany(3)
  await clock.runUntil(() => cursor.settled === 3)
  expect(sink.accepted).toEqual(range(0, 3))
})

test('a backlog leaves in full batches, a single event after the linger time', async () => {
  const { journal, clock, cursor, sink, delivery } = await setUp(() => accepted)
  journal.appendMany(1000, 7)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 1000)
  expect(sink.attempts.map(({ first, last }) => last - first + 1)).toEqual(
    Array.from({ length: 10 }, () => 100),
  )
  const before = clock.now()
  journal.appendMany(1)
  await clock.runUntil(() => cursor.settled === 1001)
  expect(clock.now() - before).toBe(5)
})

test('while requests are under way, a batch waits for its timeout, not longer', async () => {
  const answers: (() => void)[] = []
  const { journal, clock, cursor, sink, delivery } = await setUp(
    () => new Promise((resolve) => answers.push(() => resolve(accepted))),
  )
  await delivery.start()
  journal.appendMany(1)
  await clock.runUntil(() => sink.attempts.length === 1)
  const before = clock.now()
  journal.appendMany(2)
  await clock.runUntil(() => sink.attempts.length === 2)
  expect(clock.now() - before).toBe(50)
  for (const answer of answers) answer()
  await clock.runUntil(() => cursor.settled === 3)
})

test('events that go elsewhere are passed over, and settle by it', async () => {
  const journal = new MemoryJournal()
  const { clock, cursor, sink, delivery } = await setUp(() => accepted, {
    journal,
    select: async (table) => ({
      mask: table === 'old' ? Uint32Array.of(0b10) : Uint32Array.of(0b01),
      overrides: undefined,
    }),
  })
  journal.append(
    range(0, 10).map((n) => ({ ...event(n), routes: [n % 2 === 0 ? 0b10 : 0b01] })),
    { routeTable: 'old' },
  )
  journal.append(
    range(10, 20).map((n) => ({ ...event(n), routes: [n % 2 === 0 ? 0b10 : 0b01] })),
    { routeTable: 'new' },
  )
  journal.append(
    range(20, 30).map((n) => ({ ...event(n), routes: [0b10] })),
    { routeTable: 'new' },
  )
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 30)
  expect(sink.accepted).toEqual([0, 2, 4, 6, 8, 11, 13, 15, 17, 19])
})

test('events that are withheld become dead letters, unsent, with or without partitions', async () => {
  const withhold = ({ event: { n } }: EventView) =>
    Number(n) % 4 === 1 ? new Unroutable('it is odd') : undefined
  for (const partition of [undefined, ({ event: { n } }: EventView) => String(Number(n) % 3)]) {
    const { journal, clock, cursor, sink, delivery, metrics } = await setUp(() => accepted, {
      withhold,
      ...(partition && { partition }),
    })
    journal.append(range(0, 100).map((n) => ({ canonical: JSON.stringify({ id: `e${n}`, n }) })))
    await delivery.start()
    await clock.runUntil(() => cursor.settled === 100)
    expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 100).filter((n) => n % 4 !== 1))
    expect((await metrics.eventsDeadLettered.get()).values).toMatchObject([{ value: 25 }])
  }
})

test('an old route table is asked for once a block, and its absence is retried, not passed over', async () => {
  let failures = 2
  const { journal, clock, cursor, delivery, sink } = await setUp(() => accepted, {
    select: async () => {
      if (failures-- > 0) throw new Error('routes/abc.json cannot be read')
      return { mask: Uint32Array.of(1), overrides: undefined }
    },
  })
  journal.appendMany(5)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 5)
  expect(sink.accepted).toEqual(range(0, 5))
  expect(delivery.status().lastError).toBe('the journal cannot be read: routes/abc.json cannot be read')
})

test('a reading error is said and retried', async () => {
  const { journal, clock, cursor, delivery, sink } = await setUp(() => accepted)
  journal.readErrors.push(new Error('EIO: i/o error, read'), new Error('EIO: i/o error, read'))
  journal.appendMany(300)
  await delivery.start()
  await clock.runUntil(() => delivery.status().state === 'retrying')
  await clock.runUntil(() => cursor.settled === 300)
  expect(sink.accepted).toEqual(range(0, 300))
  expect(delivery.status().state).toBe('ok')
})

test('what expired before it was delivered is recorded as a gap', async () => {
  const journal = new MemoryJournal()
  journal.appendMany(300)
  journal.expireBlocks(2)
  const { clock, cursor, delivery, sink, notices } = await setUp(() => accepted, {
    journal,
    cursor: new MemoryCursor(150),
  })
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 300)
  expect(sink.accepted).toEqual(range(200, 300))
  expect(notices).toEqual([{ kind: 'gap', sink: 'test', from: 150, to: 200 }])
})

test('a batch names one epoch', async () => {
  const { journal, clock, cursor, delivery, sink } = await setUp((batch) => {
    const lines = batch.lines.toString().trimEnd().split('\n')
    const origins = lines.map((line) => (JSON.parse(line) as { log: { origin: string } }).log.origin)
    expect(new Set(origins)).toEqual(new Set([batch.origin]))
    return accepted
  })
  journal.append([event(0), event(1)], { epoch: 1 })
  journal.append([event(2)], { epoch: 2 })
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 3)
  expect(sink.attempts.map(({ key }) => key)).toEqual(['affiant/test/1/0-1', 'affiant/test/2/2-2'])
})

test('the key says which events are in a batch, and stays the same when it is sent again', async () => {
  let left = 2
  const { journal, clock, cursor, delivery, sink } = await setUp(() =>
    left-- > 0 ? { kind: 'later', reason: 'HTTP 503' } : accepted,
  )
  journal.append([0, 1, 2, 3].map((n) => ({ ...event(n), routes: [n === 1 ? 0 : 1] })))
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 4)
  const keys = sink.attempts.map(({ key }) => key)
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)
  expect(keys[0]).toMatch(/^affiant\/test\/1\/0-3\/3-[0-9a-f]{8}$/)
})

test('Retry-After is waited for', async () => {
  let left = 1
  const { journal, clock, cursor, delivery, sink } = await setUp(() =>
    left-- > 0 ? { kind: 'later', reason: 'HTTP 429', retryAfter: 120_000 } : accepted,
  )
  journal.appendMany(1)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 1)
  const [first, second] = sink.attempts
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(120_000)
  expect(second!.at - first!.at).toBeLessThanOrEqual(121_000)
})

test('status says since when, how much and why', async () => {
  const { journal, clock, delivery } = await setUp(() => ({ kind: 'later', reason: 'HTTP 503: busy' }))
  journal.append([event(0), event(1)], { writtenTime: clock.now() })
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => clock.now() - begun > 60_000)
  const status = delivery.status()
  expect(status).toMatchObject({ state: 'retrying', settled: 0, lag: 2, lastError: 'HTTP 503: busy' })
  expect(status.oldestUnsettledSeconds).toBeCloseTo((clock.now() - begun) / 1000)
})

test('settledThrough resolves when all below is settled, and rejects with its signal', async () => {
  const { journal, clock, delivery, sink } = await setUp(() => ({ kind: 'later', reason: 'no' }))
  journal.appendMany(5)
  await delivery.start()
  const stop = new AbortController()
  const aborted = delivery.settledThrough(5, stop.signal)
  stop.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  let done = false
  const settled = delivery.settledThrough(5, new AbortController().signal).then(() => {
    done = true
  })
  await clock.runUntil(() => sink.attempts.length > 3)
  expect(done).toBe(false)
  sink.become(() => accepted)
  await clock.runUntil(() => done)
  await settled
})

test('a sink that throws has its events tried again', async () => {
  let left = 1
  const { journal, clock, cursor, delivery } = await setUp(() => {
    if (left-- > 0) throw new TypeError('cannot read properties of undefined')
    return accepted
  })
  journal.appendMany(1)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 1)
  expect(delivery.status().lastError).toBe('defect in the sink: cannot read properties of undefined')
})
