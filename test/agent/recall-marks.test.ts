import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type RecallOptions, recallMarks } from '../../src/agent/recall-marks.ts'
import { decodeMemo, MemoWriter, type PlacedMark, receiverTag } from '../../src/agent/record-memo.ts'
import { marksOf } from '../../src/event/record-marks.ts'
import type { BlockMemo, SegmentMemos } from '../../src/journal/contract.ts'
import { otlpReceiverConfig } from '../../src/receivers/otlp/config.ts'
import { silentLog } from '../../src/telemetry/log.ts'

const keyOf = (n: number) => hash('sha256', `key ${n}`, 'binary').slice(0, 16)
const contentOf = (n: number) => hash('sha256', `content ${n}`, 'binary').slice(0, 16)
const hour = 3_600_000

function encodeMemo(tag: string, marks: readonly PlacedMark[]): Buffer {
  const memo = new MemoWriter(tag, marks.length)
  const columns = marksOf(marks.map(({ key, content }) => ({ record: 0, key, content })))
  for (const [i, { event }] of marks.entries()) memo.add(event, columns, i)
  return memo.bytes!
}

describe('a memo', () => {
  test('comes back as it was written', () => {
    const marks = [
      { event: 0, key: keyOf(1), content: contentOf(1) },
      { event: undefined, key: keyOf(2), content: contentOf(2) },
      { event: 70_000, key: keyOf(3), content: contentOf(3) },
    ]
    const memo = encodeMemo(receiverTag('app'), marks)
    expect(memo.byteLength).toBe(9 + 3 * 36)
    expect(decodeMemo(memo)).toEqual({ tag: receiverTag('app'), marks })
  })

  test('is as long as what was added to it, and none where nothing was', () => {
    const memo = new MemoWriter(receiverTag('app'), 3)
    expect(memo.bytes).toBeUndefined()
    memo.add(7, marksOf([{ record: 0, key: keyOf(1), content: contentOf(1) }]), 0)
    const marks = [{ event: 7, key: keyOf(1), content: contentOf(1) }]
    expect(decodeMemo(memo.bytes!)).toEqual({ tag: receiverTag('app'), marks })
  })

  test('of another version, or cut, is none', () => {
    const memo = encodeMemo(receiverTag('app'), [{ event: 0, key: keyOf(1), content: contentOf(1) }])
    expect(decodeMemo(memo.subarray(0, 44))).toBeUndefined()
    memo[0] = 2
    expect(decodeMemo(memo)).toBeUndefined()
  })
})

const block = (n: number, writtenTime: number, receiver = 'app'): BlockMemo => ({
  memo: encodeMemo(receiverTag(receiver), [
    { event: 1, key: keyOf(n), content: contentOf(n) },
    { event: undefined, key: keyOf(n + 1000), content: contentOf(n) },
  ]),
  firstSeq: 10 * n,
  writtenTime,
})

/** The newest segment first, as the journal gives them; how many were asked for. */
function setUp(
  segments: readonly SegmentMemos[],
  { until, now, duplicates = {} }: { until: number; now: number; duplicates?: { max_ids?: number } },
) {
  let read = 0
  const options: RecallOptions = {
    receivers: { app: otlpReceiverConfig.parse({ type: 'otlp', duplicates }) },
    journal: {
      async *memos() {
        for (const segment of segments) {
          read++
          yield segment
        }
      },
    },
    until,
    clock: { now: () => 5, monotonic: () => now, sleep: async () => {} },
    log: silentLog,
  }
  return { options, read: () => read }
}

describe('recall', () => {
  test('knows what was taken in within the window before the end, however long ago that is', async () => {
    const until = 100 * hour
    const now = 3 * hour
    const segments = [
      { created: until - 5, memos: [block(5, until - 4), block(6, until), block(7, until, 'another')] },
      { created: until - hour / 2, memos: [block(4, until - hour / 2)] },
      { created: until - 2 * hour, memos: [block(1, until - 2 * hour), block(3, until - hour + 1)] },
      { created: until - 3 * hour, memos: [block(0, until - hour / 4)] },
    ]
    const { options, read } = setUp(segments, { until, now })
    const marks = (await recallMarks(options)).get('app')!
    expect(read()).toBe(3)
    // Also what seems older in the last of the segments: a clock may have been set in between.
    for (const n of [1, 3, 4, 5, 6]) {
      expect(marks.find(keyOf(n), now)).toEqual({ content: contentOf(n), seq: 10 * n + 1 })
      expect(marks.find(keyOf(n + 1000), now)).toEqual({ content: contentOf(n), seq: 10 * n })
    }
    for (const n of [0, 7]) expect(marks.find(keyOf(n), now)).toBeUndefined()
    // The window goes on from where it was.
    for (const n of [1, 3, 4]) {
      expect(marks.find(keyOf(n), now + hour / 2 - 1)).toBeDefined()
      expect(marks.find(keyOf(n), now + hour / 2)).toBeUndefined()
    }
    expect(marks.find(keyOf(5), now + hour - 5)).toBeDefined()
    expect(marks.find(keyOf(5), now + hour)).toBeUndefined()
  })

  test('reads no further than it can remember', async () => {
    const until = 100 * hour
    const segments = Array.from({ length: 10 }, (_, n) => ({
      created: until - 10 * n,
      memos: [block(2 * n, until - 10 * n), block(2 * n + 1, until - 10 * n + 1)],
    }))
    const { options, read } = setUp(segments, { until, now: until, duplicates: { max_ids: 8 } })
    const marks = (await recallMarks(options)).get('app')!
    expect(read()).toBe(2)
    expect(marks.size).toBe(8)
    expect(marks.find(keyOf(1), until)).toBeDefined()
  })

  test('a journal that cannot be read stops no start', async () => {
    const { options } = setUp([], { until: 2 * hour, now: 2 * hour })
    const memos = async function* () {
      yield { created: 2 * hour - 1, memos: [block(1, 2 * hour)] }
      throw new Error('EIO')
    }
    const marks = await recallMarks({ ...options, journal: { memos } })
    expect(marks.get('app')?.size).toBe(2)
  })

  test('receivers that remember nothing have none', async () => {
    const { options, read } = setUp([{ created: 1, memos: [] }], {
      until: 1,
      now: 1,
      duplicates: { max_ids: 0 },
    })
    expect(await recallMarks(options)).toEqual(new Map())
    expect(read()).toBe(0)
  })
})
