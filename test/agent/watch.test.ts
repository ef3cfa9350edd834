// What is looked at once a second: the wall clock, and whether the journal takes events.
import { expect, onTestFinished, test } from 'vitest'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import { Watch } from '../../src/agent/watch.ts'
import type { JournalPressure } from '../../src/journal/contract.ts'
import { VirtualClock } from '../delivery/virtual-clock.ts'

/** A clock whose wall somebody can move. */
class MovedClock extends VirtualClock {
  moved = 0

  override now(): number {
    return this.time + this.moved
  }
}

function setUp() {
  const clock = new MovedClock()
  const recorded: OwnEventDraft[] = []
  const journal: { pressure: JournalPressure | null } = { pressure: null }
  const watch = new Watch({
    clock,
    journal,
    ownLog: { record: (draft) => recorded.push(draft) },
    routeNotes: { tell: () => {} },
  })
  onTestFinished(() => watch[Symbol.asyncDispose]())
  const seconds = async (count: number) => {
    const until = clock.time + count * 1_000
    await clock.runUntil(() => clock.time >= until)
    // The last second has been looked at, too.
    for (let pass = 0; pass < 4; pass++) await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, recorded, journal, seconds }
}

test('a clock that is moved is noticed, forward and back, once each', async () => {
  const { clock, recorded, seconds } = setUp()
  await seconds(3)
  clock.moved = 3_600_000
  const before = clock.time
  await seconds(3)
  clock.moved = 0
  await seconds(3)
  expect(recorded.map(({ action, metadata }) => [action, metadata?.offset_ms, metadata?.while])).toEqual([
    ['affiant.clock.jumped', 3_600_000, 'running'],
    ['affiant.clock.jumped', -3_600_000, 'running'],
  ])
  const { from, to } = recorded[0]?.metadata ?? {}
  expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(3_600_000)
  expect(Math.abs(Date.parse(String(from)) - before)).toBeLessThanOrEqual(1_000)
})

test('a clock that is only kept right is no jump, however far it gets', async () => {
  const { clock, recorded, seconds } = setUp()
  for (let n = 0; n < 60; n++) {
    clock.moved += 500
    await seconds(1)
  }
  expect(recorded).toEqual([])
})

test('the journal under pressure: when it began, when it ended, and what another reason makes of it', async () => {
  const { clock, recorded, journal, seconds } = setUp()
  journal.pressure = { reason: 'full', message: 'it is full' }
  await seconds(5)
  journal.pressure = { reason: 'failed', message: 'it fails' }
  await seconds(5)
  journal.pressure = null
  await seconds(5)
  expect(recorded.map(({ action, metadata }) => [action, metadata?.reason])).toEqual([
    ['affiant.journal.pressed', 'full'],
    ['affiant.journal.relieved', 'full'],
    ['affiant.journal.pressed', 'failed'],
    ['affiant.journal.relieved', 'failed'],
  ])
  expect(recorded[0]?.message).toBe('it is full')
  const { from, to } = recorded[1]?.metadata ?? {}
  expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(5_000)
  expect(Date.parse(String(to))).toBeLessThanOrEqual(clock.now())
})
