import { expect, test } from 'vitest'
import { record, recordEnd, replayStarted } from '../../src/agent/replay-notes.ts'
import { VirtualClock } from '../delivery/virtual-clock.ts'

const requester = { user: 'a', uid: 1 }
const draft = replayStarted('hook', {
  id: 'x',
  source: 'journal',
  from: 1,
  to: 2,
  events: 2,
  missing: [],
  requester,
})
const answering = (answer: Promise<boolean>) => ({ write: () => answer })
const failing = answering(new Promise<boolean>(() => {}))

test('nothing begins that is not on record: refused, or waited for until somebody ends it', async () => {
  const { signal } = new AbortController()
  expect(await record(answering(Promise.resolve(true)), draft, signal)).toBe(true)
  const refused = record(answering(Promise.resolve(false)), draft, signal)
  await expect(refused).rejects.toMatchObject({
    code: 'journal_unavailable',
    hint: 'nothing has been sent or removed',
  })
  const end = new AbortController()
  const waiting = record(failing, draft, end.signal)
  end.abort()
  expect(await waiting).toBe(false)
})

test('an end that the journal does not take holds nobody up for long', async () => {
  const clock = new VirtualClock()
  const begun = clock.now()
  let over = false
  const recorded = recordEnd(failing, draft, clock).then(() => {
    over = true
  })
  await clock.runUntil(() => over)
  await recorded
  expect(clock.now() - begun).toBe(5_000)
})
