// Own events on their way into the journal: nobody waits for them, they keep their order, and they are bounded.
import { expect, test } from 'vitest'
import { createOwnEvents, type OwnEventDraft } from '../../src/agent/own-events.ts'
import { OwnLog } from '../../src/agent/own-log.ts'
import { AffiantError } from '../../src/errors.ts'
import type { AuditEvent } from '../../src/event/audit-event.ts'
import type { EncodedBatch } from '../../src/event/batch.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { VirtualClock } from '../delivery/virtual-clock.ts'
import { oneRoute } from './one-route.ts'

const run = 'ab'.repeat(16)
const eventsOf = (batch: EncodedBatch): AuditEvent[] =>
  Buffer.from(batch.payload)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** A journal that takes what it is given while it is open, and the log before it. */
function setUp() {
  const clock = new VirtualClock()
  const events: AuditEvent[] = []
  const reserves: (boolean | undefined)[] = []
  const door = { open: true, refusals: 0, wake: Promise.withResolvers<void>() }
  const journal = {
    append: async (batch: EncodedBatch, _: unknown, options: { reserve?: boolean } = {}) => {
      reserves.push(options.reserve)
      if (!door.open) {
        door.refusals++
        throw new AffiantError('journal_unavailable', 'the disk is away')
      }
      events.push(...eventsOf(batch))
      return { firstSeq: events.length, count: batch.count }
    },
    waitForRoom: (signal: AbortSignal) =>
      Promise.race([
        door.wake.promise,
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      ]),
  }
  const openDoor = () => {
    door.open = true
    door.wake.resolve()
  }
  const ownEvents = createOwnEvents({
    run,
    agent: { id: 'a', version: '1' },
    configHash: () => '',
    routes: oneRoute(),
    clock,
    metrics: createMetrics(),
  })
  const ownLog = new OwnLog({ run, ownEvents, clock, log: silentLog })
  return { clock, events, reserves, door, openDoor, journal, ownLog }
}

const draft = (action: string, metadata: Record<string, unknown> = {}): OwnEventDraft => ({
  action,
  operation: 'other',
  metadata,
})
const patience = () => AbortSignal.timeout(10_000)
const actions = (events: readonly AuditEvent[]) => events.map(({ action }) => action)

test('in the order in which they were recorded, also before there was a journal; the last one is the last', async () => {
  const { events, reserves, journal, ownLog } = setUp()
  ownLog.record(draft('one'))
  ownLog.record(draft('two'))
  ownLog.open(journal)
  ownLog.record(draft('three'))
  await ownLog.settled()
  expect(actions(events)).toEqual(['one', 'two', 'three'])
  await ownLog.close(draft('last'), patience())
  ownLog.record(draft('too late'))
  await ownLog.settled()
  expect(actions(events)).toEqual(['one', 'two', 'three', 'last'])
  expect(events.map(({ provenance }) => provenance)).toEqual(
    [0, 1, 2, 3].map((index) => ({ agent: 'a', index, receiver: 'affiant', stream: run })),
  )
  expect(reserves.every(Boolean)).toBe(true)
})

test('what the journal refuses waits for it, with the time at which it happened', async () => {
  const { clock, events, door, openDoor, journal, ownLog } = setUp()
  ownLog.open(journal)
  door.open = false
  const at = clock.now()
  ownLog.record(draft('one'))
  ownLog.record(draft('two'))
  await clock.runUntil(() => door.refusals > 0)
  clock.time += 3_600_000
  ownLog.record(draft('three'))
  openDoor()
  await ownLog.settled()
  expect(actions(events)).toEqual(['one', 'two', 'three'])
  expect(events.map(({ time }) => Date.parse(time) - at)).toEqual([0, 0, 3_600_000])
})

test('what comes too fast is one event that says for how many it stands', async () => {
  const { clock, events, journal, ownLog } = setUp()
  ownLog.open(journal)
  const begun = clock.now()
  for (let n = 0; n < 1_000; n++) {
    ownLog.record(draft('many', { count: 2, first_seq: n, last_seq: n, reason: `r${n}` }), 'kind')
    ownLog.record(draft('few'), `kind ${Math.floor(n / 250)}`)
  }
  await ownLog.settled()
  expect(events.filter(({ action }) => action === 'many')).toHaveLength(10)
  await clock.runUntil(() => events.filter(({ action }) => action === 'many').length === 11)
  const folded = events.findLast(({ action }) => action === 'many')
  expect(folded?.metadata).toEqual({
    count: 1_980,
    first_seq: 10,
    last_seq: 999,
    reason: 'r999',
    folded: { times: 990, from: new Date(begun).toISOString() },
  })
  // Each kind has a rate of its own.
  expect(events.filter(({ action }) => action === 'few').length).toBeGreaterThanOrEqual(40)

  // However fast it goes on, one in ten seconds.
  const before = events.length
  const from = clock.now()
  let turns = 0
  await clock.runUntil(() => {
    for (let n = 0; n < 50; n++) ownLog.record(draft('many', { count: 1 }), 'kind')
    clock.time += 100
    return ++turns === 300
  })
  expect(events.length - before).toBeLessThanOrEqual((clock.now() - from) / 10_000 + 11)
  await ownLog.close(draft('last'), patience())
  const counted = events.slice(before).reduce((sum, { metadata }) => sum + Number(metadata?.count ?? 0), 0)
  expect(counted).toBe(300 * 50)
  expect(actions(events).at(-1)).toBe('last')
})

test('bounded while the journal is away: what does not fit is folded, and all of it is told', async () => {
  const { clock, events, door, openDoor, journal, ownLog } = setUp()
  ownLog.open(journal)
  door.open = false
  for (let n = 0; n < 100; n++) {
    for (let kind = 0; kind < 50; kind++) ownLog.record(draft('away', { count: 1 }), `kind ${kind}`)
  }
  openDoor()
  await ownLog.settled()
  expect(events.length).toBeLessThanOrEqual(256)
  await clock.runUntil(() => events.reduce((sum, { metadata }) => sum + Number(metadata?.count), 0) === 5_000)
  expect(events.length).toBeLessThanOrEqual(256 + 50)
})

test('who stops it does not wait longer than patience for a journal that stays away', async () => {
  const { events, door, journal, ownLog } = setUp()
  ownLog.open(journal)
  door.open = false
  ownLog.record(draft('one'))
  await ownLog.close(draft('last'), AbortSignal.timeout(20))
  expect(events).toEqual([])
})
