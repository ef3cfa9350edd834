/** A limit that hardly holds one block must not become a journal that is full for ever. */
import { expect, test } from 'vitest'
import {
  batchOf,
  drain,
  open,
  smallConfig,
  stream,
  temporaryDirectory,
  until,
} from '../journal/journal-directory.ts'

const config = smallConfig({ max_size: '1MiB', keep: '0ms' })
const text = (name: string, bytes: number) => name.padEnd(bytes, '.')

test.each([
  ['a block that leaves no room for its like', 600_000],
  ['a block that is larger than the limit', 3_000_000],
])('%s is taken once all before it is settled, and not sooner', async (_name, bytes) => {
  await using directory = await temporaryDirectory()
  await using journal = await open(directory.path, { config })
  const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
  const names = ['first', 'second', 'third']
  for (const name of names) {
    const batch = () => batchOf([text(name, bytes)])
    if (name !== 'first') {
      await expect(journal.append(batch(), { stream: stream(1) })).rejects.toMatchObject({
        code: 'journal_full',
      })
      cursor.settle(journal.durableSeq)
      await journal.waitForRoom(AbortSignal.timeout(5_000))
    }
    await journal.append(batch(), { stream: stream(1) })
    await using reader = journal.read(journal.durableSeq - 1)
    expect((await drain(reader)).map(([, kept]) => kept)).toEqual([text(name, bytes)])
  }
  // What was settled went: the next block makes the journal small again.
  cursor.settle(journal.durableSeq)
  await journal.append(batchOf([text('last', 20_000)]), { stream: stream(1) })
  await until(() => journal.stats().bytes < 1024 ** 2)
  expect(journal.pressure).toBeNull()
})

test('a block that is larger than the limit waits for a sink that has not settled', async () => {
  await using directory = await temporaryDirectory()
  await using journal = await open(directory.path, { config })
  await journal.cursor('sink', { start: 'earliest', required: true })
  await journal.append(batchOf(['first']), { stream: stream(1) })
  const large = journal.append(batchOf([text('large', 3_000_000)]), { stream: stream(1) })
  await expect(large).rejects.toMatchObject({ code: 'journal_full' })
  expect(journal.pressure?.message).toContain('sink sink has settled only what is below seq 0')
})
