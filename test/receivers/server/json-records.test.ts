import { expect, test } from 'vitest'
import { linesOf, listOf, objectsUpTo, recordsOf } from '../../../src/receivers/server/json-records.ts'

const asItIs = objectsUpTo(1024, (text) => ({ text }))
const numbers = (count: number) => `[${'1,'.repeat(count - 1)}1]`

test('after a thousand that are none nobody looks for more', async () => {
  const looked = { at: 0 }
  function* texts() {
    for (; looked.at < 1_000_000; looked.at++) yield '1'
  }
  await expect(recordsOf(texts(), asItIs)).rejects.toThrow(
    /^more than 1000 records cannot be read, and none was taken in: record 0: .*record 19: [^;]*; and more than 980 more$/,
  )
  expect(looked.at).toBe(1_000)
})

test('what is wrong behind a thousand that are none costs no search', async () => {
  await expect(recordsOf(listOf(numbers(1_000), 'the body'), asItIs)).rejects.toThrow('1000 of 1000 records')
  await expect(recordsOf(listOf(numbers(1_001), 'the body'), asItIs)).rejects.toThrow(
    'more than 1000 records',
  )
})

test.each([100, 20_000])('%d records can be gone through as often as one likes, in order', async (count) => {
  const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}`)
  const records = await recordsOf(linesOf(lines.join('\r\n')), asItIs)
  for (let times = 0; times < 2; times++) expect([...records].map(({ text }) => text)).toEqual(lines)
})

test('many records are not held, and others have their turn meanwhile', async () => {
  let turns = 0
  const beat = () => {
    turns++
    next = setImmediate(beat)
  }
  let next = setImmediate(beat)
  const records = await recordsOf(linesOf('{}\n'.repeat(200_000)), asItIs)
  clearImmediate(next)
  expect(records).not.toBeInstanceOf(Array)
  expect(turns).toBeGreaterThan(40)
})
