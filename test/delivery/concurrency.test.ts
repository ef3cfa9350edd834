import { expect, test } from 'vitest'
import { AdaptiveConcurrency } from '../../src/delivery/concurrency.ts'
import type { Outcome } from '../../src/sinks/sink.ts'

const accepted: Outcome = { kind: 'accepted' }
const later: Outcome = { kind: 'later', reason: 'busy' }

/** A destination with `servers`: what comes beyond them waits. Rounds of as many requests as may be under way. */
function rounds(
  concurrency: AdaptiveConcurrency,
  count: number,
  servers: number,
  milliseconds: number,
): void {
  let now = 0
  for (let round = 0; round < count; round++) {
    const { limit } = concurrency
    const took = milliseconds * Math.max(1, limit / servers)
    for (let request = 0; request < limit; request++) concurrency.note(accepted, now, now + took, true)
    now += took
  }
}

test('grows to its maximum while answers come as fast as ever, slow as they may be', () => {
  const concurrency = new AdaptiveConcurrency({ min: 1, max: 64 })
  expect(concurrency.limit).toBe(4)
  rounds(concurrency, 6, 1000, 500)
  expect(concurrency.limit).toBe(64)
})

test('stays near what the destination does at once when more only makes it slower', () => {
  const concurrency = new AdaptiveConcurrency({ min: 1, max: 256 })
  rounds(concurrency, 200, 8, 200)
  expect(concurrency.limit).toBeGreaterThanOrEqual(8)
  expect(concurrency.limit).toBeLessThan(80)
})

test('halves once for all that was under way together, and never falls below its minimum', () => {
  const concurrency = new AdaptiveConcurrency({ min: 2, max: 32 })
  rounds(concurrency, 6, 1000, 10)
  expect(concurrency.limit).toBe(32)
  for (let request = 0; request < 32; request++) concurrency.note(later, 1000, 1100, true)
  expect(concurrency.limit).toBe(16)
  for (let round = 1; round < 10; round++) concurrency.note(later, 1100 + round * 10, 1105 + round * 10, true)
  expect(concurrency.limit).toBe(2)
})

test('a limit that is not reached is not raised', () => {
  const concurrency = new AdaptiveConcurrency({ min: 1, max: 32 })
  for (let request = 0; request < 100; request++) concurrency.note(accepted, 0, 10, false)
  expect(concurrency.limit).toBe(4)
})

test('what a destination says of data or configuration says nothing of its load', () => {
  const concurrency = new AdaptiveConcurrency({ min: 1, max: 32 })
  concurrency.note({ kind: 'held', reason: '401' }, 0, 1, true)
  concurrency.note({ kind: 'refused', reason: '400' }, 0, 1, true)
  expect(concurrency.limit).toBe(4)
})

test('a fixed number is just that', () => {
  const concurrency = new AdaptiveConcurrency({ min: 1, max: 1 })
  rounds(concurrency, 5, 1000, 1)
  concurrency.note(later, 0, 1, true)
  expect(concurrency.limit).toBe(1)
})
