import { expect, test } from 'vitest'
import { Unanswered } from '../../../src/sinks/s3/unanswered.ts'
import { VirtualClock } from '../../delivery/virtual-clock.ts'

const never = new AbortController().signal

/** How long it waits for a name, in milliseconds. */
async function waits(unanswered: Unanswered, clock: VirtualClock, key: string): Promise<number> {
  const begun = clock.monotonic()
  let done: boolean | undefined
  const quiet = unanswered.quiet(key, never).then((waited) => {
    done = waited
  })
  await clock.runUntil(() => done !== undefined)
  await quiet
  expect(done).toBe(clock.monotonic() > begun)
  return clock.monotonic() - begun
}

test('a new name is written at once, one that was given up is left alone as long as a request may take', async () => {
  const clock = new VirtualClock()
  const unanswered = new Unanswered(clock, 2_000)
  unanswered.fresh('a')
  expect(await waits(unanswered, clock, 'a')).toBe(0)
  unanswered.givenUp('a')
  expect(await waits(unanswered, clock, 'a')).toBe(2_000)
  expect(await waits(unanswered, clock, 'a')).toBe(0)
  unanswered.givenUp('a')
  unanswered.answered('a')
  expect(await waits(unanswered, clock, 'a')).toBe(0)
})

test('five seconds at most', async () => {
  const clock = new VirtualClock()
  const unanswered = new Unanswered(clock, 60_000)
  unanswered.givenUp('a')
  expect(await waits(unanswered, clock, 'a')).toBe(5_000)
})

test('what an earlier run has planned may have been sent right before this one began', async () => {
  const clock = new VirtualClock()
  const unanswered = new Unanswered(clock, 60_000)
  expect(await waits(unanswered, clock, 'old')).toBe(5_000)
  expect(await waits(unanswered, clock, 'older')).toBe(0)
})

test('what is remembered is bounded', async () => {
  const clock = new VirtualClock()
  const unanswered = new Unanswered(clock, 1_000)
  for (let n = 0; n < 100_000; n++) unanswered.fresh(`key-${n}`)
  expect(await waits(unanswered, clock, 'key-99999')).toBe(0)
})

test('a stop ends the wait', async () => {
  const unanswered = new Unanswered(new VirtualClock(), 1_000)
  const stop = new AbortController()
  const waiting = unanswered.quiet('old', stop.signal)
  stop.abort(new Error('stop'))
  await expect(waiting).rejects.toThrow('stop')
})
