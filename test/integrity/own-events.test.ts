// Promise 10: the agent audits itself, and never about that: what becomes of own events makes no further ones.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createOwnEvents } from '../../src/agent/own-events.ts'
import { OwnLog } from '../../src/agent/own-log.ts'
import { SinkNotes } from '../../src/agent/sink-notes.ts'
import type { EncodedBatch } from '../../src/event/batch.ts'
import type { DeliveryBatch, Outcome } from '../../src/sinks/sink.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { oneRoute } from '../agent/one-route.ts'
import { event, MemoryJournal } from '../delivery/memory-journal.ts'
import { accepted, type Destination, setUp } from '../delivery/scripted-sink.ts'

const isOwn = (line: string) => line.includes('"receiver":"affiant"')
const linesOf = (batch: { readonly lines: Uint8Array }) =>
  Buffer.from(batch.lines).toString().trimEnd().split('\n')

/** A delivery whose notices become events of the very journal that it delivers. */
async function audited(answer: Destination) {
  const journal = new MemoryJournal()
  const own: string[] = []
  const run = randomBytes(16).toString('hex')
  let notes: SinkNotes | undefined
  const setup = await setUp(answer, { journal, notify: (notice) => notes?.notice(notice) })
  const { clock } = setup
  const ownEvents = createOwnEvents({
    run,
    agent: { id: 'a', version: '1' },
    configHash: () => '',
    routes: oneRoute(),
    clock,
    metrics: createMetrics(),
  })
  const ownLog = new OwnLog({ run, ownEvents, clock, log: silentLog })
  ownLog.open({
    append: async (batch: EncodedBatch) => {
      const lines = linesOf({ lines: batch.payload })
      own.push(...lines)
      return { firstSeq: journal.append(lines.map((canonical) => ({ canonical }))), count: batch.count }
    },
    waitForRoom: async () => {},
  })
  notes = new SinkNotes(ownLog)
  const started = () => ownLog.record({ action: 'affiant.agent.started', operation: 'execute' })
  return { ...setup, journal, own, started }
}

test('a destination that takes everything but own events: they become dead letters, and nothing is said of it', async () => {
  const { journal, clock, cursor, delivery, own, started } = await audited(
    (batch: DeliveryBatch): Outcome =>
      linesOf(batch).some(isOwn) ? { kind: 'refused', reason: 'HTTP 400: not from you' } : accepted,
  )
  started()
  await delivery.start()
  // Alone it shows nothing about itself but that the destination does not take it: the sink is held.
  await clock.runUntil(() => delivery.status().state === 'held')
  let n = 0
  const begun = clock.now()
  // Events come and pass: each shows that the destination takes some, so that an own event may be given up.
  await clock.runUntil(() => {
    clock.time += 1_000
    journal.append([event(n++)])
    return clock.now() - begun > 1_200_000
  })
  await clock.runUntil(() => cursor.settled === journal.durableSeq)
  expect(delivery.status().state).toBe('ok')
  expect(own.map((line) => JSON.parse(line).action)).toEqual(['affiant.agent.started'])
})

test('a destination that refuses everything, one event after the other: own events stay few', async () => {
  let asked = 0
  const { journal, clock, delivery, own, started } = await audited((): Outcome => {
    // Every now and then it takes one, so that the others count as bad.
    return ++asked % 7 === 0 ? accepted : { kind: 'refused', reason: 'HTTP 400: bad' }
  })
  started()
  await delivery.start()
  let n = 0
  const begun = clock.now()
  await clock.runUntil(() => {
    clock.time += 1_000
    journal.append([event(n++), event(n++)])
    return clock.now() - begun > 3_600_000
  })
  const seconds = (clock.now() - begun) / 1_000
  // Two kinds of a sink's events (its state, its dead letters), each one in ten seconds, and ten at once.
  expect(own.length).toBeLessThanOrEqual(1 + 2 * (seconds / 10 + 11))
  expect(new Set(own.map((line) => JSON.parse(line).action)).size).toBeGreaterThan(1)
})
