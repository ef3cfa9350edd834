import { describe, expect, test } from 'vitest'
import { decideRetention } from '../../src/journal/retention.ts'

const segments = [10, 20, 30].map((nextSeq, i) => ({ nextSeq, bytes: 100, sealed: i * 1000 }))
const question = {
  segments,
  shortBy: 0,
  settled: 20,
  now: 10_000,
  keep: 100_000,
  onFull: 'block',
} as const

describe('retention', () => {
  test.each([
    ['nothing is old and there is room', {}, { remove: 0, room: true }],
    ['settled and old', { keep: 9500 }, { remove: 1, room: true }],
    ['old, but not settled', { keep: 0, settled: 10 }, { remove: 1, room: true }],
    ['keep yields when there is no room', { shortBy: 50 }, { remove: 1, room: true }],
    ['all that is settled may go', { shortBy: 200 }, { remove: 2, room: true }],
    ['what is not settled stays', { shortBy: 201 }, { remove: 2, room: false }],
    ['drop_oldest', { shortBy: 201, onFull: 'drop_oldest' }, { remove: 3, room: true }],
    [
      'drop_oldest drops nothing for age',
      { settled: 0, keep: 0, onFull: 'drop_oldest' },
      { remove: 0, room: true },
    ],
    ['max_age spares nothing', { settled: 0, maxAge: 8500 }, { remove: 2, room: true }],
    ['max_age is for settled ones too', { maxAge: 9000 }, { remove: 2, room: true }],
    ['max_age not reached', { settled: 0, maxAge: 10_001 }, { remove: 0, room: true }],
    ['half a segment settled is not settled', { settled: 19, keep: 0 }, { remove: 1, room: true }],
    ['without required sinks', { settled: Infinity, keep: 0 }, { remove: 3, room: true }],
  ] as const)('%s', (_, change, answer) => {
    expect(decideRetention({ ...question, ...change })).toEqual(answer)
  })
})
