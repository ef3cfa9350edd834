// What becomes of records that were not taken in, and of those that are the same.
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import type { ReceivedRecord } from '../../../src/event/record.ts'
import type { RecordMarks } from '../../../src/event/record-marks.ts'
import type { Receipt, Repeats } from '../../../src/receivers/receiver.ts'
import { AskedKeys } from '../../../src/receivers/server/asked-keys.ts'
import { commitOnce } from '../../../src/receivers/server/commit-once.ts'
import { Duplicates } from '../../../src/receivers/server/duplicates.ts'
import { RecentMarks } from '../../../src/receivers/server/recent-marks.ts'
import { askedOf } from '../../../src/receivers/server/record-keys.ts'

const record = (uid: string, text: string): ReceivedRecord => ({ text, id: { uid, producer: 'p' } })

/** A pipeline that rejects texts with `bad` and skips those with `skip`. */
function setUp() {
  const duplicates = new Duplicates(new RecentMarks({ window: 60_000, most: 100 }), systemClock)
  const repeats: Repeats[] = []
  const chunks: string[][] = []
  const committed: ReceivedRecord[] = []
  let next = 0
  async function append(records: readonly ReceivedRecord[], marks: RecordMarks): Promise<Receipt> {
    const texts = records.map((one) => ('text' in one ? one.text : ''))
    chunks.push(texts)
    committed.push(...records)
    const rejected = texts.flatMap((text, index) =>
      text.includes('bad') ? [{ index, missing: ['actor.id'] }] : [],
    )
    const events = texts.map((text) => (/bad|skip/.test(text) ? undefined : next++))
    const seqs = Array.from(marks.records, (index) => events[index])
    return {
      firstSeq: 0,
      count: next,
      records: texts.length,
      skipped: 0,
      unparsed: 0,
      incomplete: 0,
      rejected,
      seqs,
    }
  }
  const commit = (records: readonly ReceivedRecord[]) =>
    commitOnce(records, AskedKeys.of(records.map((one) => askedOf(one, 'c'))), {
      duplicates,
      repeated: (one) => repeats.push(one),
      append,
    })
  return { commit, repeats, chunks, committed }
}

test('who was rejected is told by his place among all, with those who are the same', async () => {
  const { commit, repeats } = setUp()
  await commit([record('a', 'good')])
  const { rejected } = await commit([
    record('a', 'good'),
    { text: 'bad' },
    record('b', 'bad'),
    record('a', 'good'),
    record('b', 'bad'),
    record('c', 'good'),
  ])
  expect(rejected).toEqual([1, 2, 4].map((index) => ({ index, missing: ['actor.id'] })))
  expect(repeats).toEqual([{ duplicates: 2, conflicts: 0 }])
})

test('what was rejected or skipped is looked at again', async () => {
  const { commit, repeats, chunks } = setUp()
  const sent = [record('a', 'bad'), record('b', 'skip'), record('c', 'good')]
  const first = await commit(sent)
  expect(await commit(sent)).toEqual(first)
  expect(chunks).toEqual([
    ['bad', 'skip', 'good'],
    ['bad', 'skip'],
  ])
  expect(repeats).toEqual([{ duplicates: 1, conflicts: 0 }])
})

test('an id belongs to the first that is taken in: others have one of their own, and a warning', async () => {
  const { commit, repeats, chunks, committed } = setUp()
  const sent = [
    record('a', 'bad'),
    record('a', 'one'),
    record('a', 'two'),
    record('a', 'one'),
    record('b', 'skip'),
    record('b', 'three'),
    record('c', 'four'),
    record('c', 'five'),
  ]
  const { rejected } = await commit(sent)
  expect(rejected).toEqual([{ index: 0, missing: ['actor.id'] }])
  expect(chunks).toEqual([['bad', 'skip', 'four'], ['one', 'three', 'five'], ['two']])
  const marked = committed.filter((one) => 'text' in one && one.warnings !== undefined)
  expect(marked).toMatchObject([{ text: 'five' }, { text: 'two' }])
  expect(repeats).toEqual([{ duplicates: 1, conflicts: 2 }])
  // And so they are known from here on, whatever else is sent.
  const again = await commit(sent.slice(1))
  expect(again).toEqual({ rejected: [] })
  expect(chunks.slice(3)).toEqual([['skip']])
  // `b` is the id of another one by now.
  expect(repeats.at(-1)).toEqual({ duplicates: 6, conflicts: 1 })
})

test('of many contents under one id that are refused each is looked at', async () => {
  const { commit, repeats } = setUp()
  const { rejected } = await commit([1, 2, 3].map((n) => record('a', `bad ${n}`)))
  expect(rejected.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(repeats).toEqual([])
})
