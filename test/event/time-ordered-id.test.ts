import { describe, expect, test } from 'vitest'
import { timeOrderedIds } from '../../src/event/time-ordered-id.ts'

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const unixMilliseconds = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16)

describe('timeOrderedIds', () => {
  test('makes UUIDv7 that carry the time', () => {
    const next = timeOrderedIds()
    for (const now of [0, 1_763_895_600_123, 2 ** 48 - 1]) {
      const id = next(now)
      expect(id).toMatch(uuid7)
      expect(unixMilliseconds(id)).toBe(now)
    }
  })

  test('sorts in the order of calls, through one millisecond and a clock that goes back', () => {
    const next = timeOrderedIds()
    const ids: string[] = []
    for (let i = 0; i < 5_000; i++)
      ids.push(next(1_763_895_600_000 + (i % 100 === 99 ? -50 : Math.floor(i / 1000))))
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(uuid7)
  })

  test('carries from one part of the counter into the next', () => {
    const next = timeOrderedIds((bytes) => bytes.fill(0xff))
    const first = next(1000)
    const second = next(1000)
    expect(first < second).toBe(true)
    expect(second).toMatch(uuid7)
    expect(first.slice(14)).toBe('77ff-bfff-ffffffffffff')
    expect(second.slice(14)).toBe('7800-8000-03ffffffffff')
  })

  test('two makers do not meet', () => {
    const ids = new Set<string>()
    for (let maker = 0; maker < 50; maker++) {
      const next = timeOrderedIds()
      for (let i = 0; i < 100; i++) ids.add(next(1_763_895_600_000))
    }
    expect(ids.size).toBe(5_000)
  })
})
