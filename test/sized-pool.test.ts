import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { SizedPool } from '../src/sized-pool.ts'
import { seed } from './seed.ts'

const kibibyte = 1024

test('whatever is taken and given back, nobody has what another has, and little more than he asked for', () => {
  const step = fc.record({ length: fc.nat(400 * kibibyte), given: fc.option(fc.nat(20), { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new SizedPool({ most: 700 * kibibyte, largest: 300 * kibibyte })
      const taken: Buffer[] = []
      for (const { length, given } of steps) {
        const bytes = pool.take(length)
        expect(bytes.length).toBeGreaterThanOrEqual(length)
        expect(bytes.length).toBeLessThanOrEqual(Math.max(length, 1.25 * length))
        expect(taken.some(({ buffer }) => buffer === bytes.buffer)).toBe(false)
        taken.push(bytes)
        if (given === undefined || given >= taken.length) continue
        const [back] = taken.splice(given, 1)
        pool.give(back!.subarray(0, 10))
      }
    }),
    { seed, numRuns: 100 },
  )
})

test('what was given back is taken by who wants about as much', () => {
  const pool = new SizedPool({ most: 1000 * kibibyte, largest: 300 * kibibyte })
  const bytes = pool.take(150 * kibibyte)
  pool.give(bytes)
  expect(pool.take(70 * kibibyte).buffer).not.toBe(bytes.buffer)
  expect(pool.take(290 * kibibyte).buffer).not.toBe(bytes.buffer)
  expect(pool.take(159 * kibibyte).buffer).toBe(bytes.buffer)
  expect(pool.take(159 * kibibyte).buffer).not.toBe(bytes.buffer)
})

test('no more is kept than the limit, and nothing small, large or of another’s making', () => {
  const pool = new SizedPool({ most: 300 * kibibyte, largest: 300 * kibibyte })
  const all = Array.from({ length: 9 }, () => pool.take(100 * kibibyte))
  for (const one of all) pool.give(one)
  const again = new Set(all.map(() => pool.take(100 * kibibyte).buffer))
  const kept = all.filter(({ buffer }) => again.has(buffer as ArrayBuffer))
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length).toBeLessThanOrEqual(3)
  for (const length of [10, 63 * kibibyte, 301 * kibibyte]) {
    const bytes = pool.take(length)
    pool.give(bytes)
    expect(pool.take(length).buffer).not.toBe(bytes.buffer)
  }
  const odd = Buffer.from(new ArrayBuffer(65 * kibibyte + 1))
  pool.give(odd)
  expect(pool.take(65 * kibibyte).buffer).not.toBe(odd.buffer)
})
