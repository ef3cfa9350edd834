import { expect, test } from 'vitest'
import { BodyMemory, free } from '../../../src/receivers/server/body-memory.ts'

const kibibyte = 1024

test('chunks are joined, and their memory is used again', () => {
  const memory = new BodyMemory()
  const parts = [Buffer.alloc(60 * kibibyte, 1), Buffer.alloc(50 * kibibyte, 2), Buffer.alloc(1, 3)]
  const length = 110 * kibibyte + 1
  const whole = memory.join(parts, length)
  expect(whole.equals(Buffer.concat(parts))).toBe(true)
  const { buffer } = whole
  memory.give(whole)
  expect(memory.join(parts, length).buffer).toBe(buffer)
  expect(memory.join(parts, length).buffer).not.toBe(buffer)
})

test('small and very large bodies have memory of their own', () => {
  const memory = new BodyMemory()
  for (const size of [10, 3 * kibibyte * kibibyte]) {
    const whole = memory.join([Buffer.alloc(size)], size)
    memory.give(whole)
    expect(memory.join([Buffer.alloc(size)], size).buffer).not.toBe(whole.buffer)
  }
})

test('no more is kept than the limit', () => {
  const memory = new BodyMemory()
  const all = Array.from({ length: 200 }, () => memory.join([Buffer.alloc(65 * kibibyte)], 65 * kibibyte))
  for (const one of all) memory.give(one)
  const again = new Set(
    Array.from({ length: 200 }, () => memory.join([Buffer.alloc(65 * kibibyte)], 65 * kibibyte).buffer),
  )
  const kept = all.filter(({ buffer }) => again.has(buffer))
  expect(kept.length).toBeGreaterThan(0)
  const bytes = kept.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
  expect(bytes).toBeLessThanOrEqual(8 * kibibyte * kibibyte)
})

test('only what is a chunk’s alone is freed', () => {
  const whole = Buffer.from(new ArrayBuffer(100_000))
  const part = whole.subarray(0, 50_000)
  free(part)
  expect(whole.buffer.byteLength).toBe(100_000)
  free(whole)
  expect(whole.length).toBe(0)
})
