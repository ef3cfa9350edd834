/**
 * Elsewhere a new file that has the inode of an old one is read from the old offset. Here a file is its device, inode, head
 * and generation: reuse is noticed, and a device number that has changed is no other file.
 */
import { appendFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { decodeDescriptor, encodeDescriptor } from '../../src/receivers/file/identity/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { until } from '../receivers/until.ts'

test('a reused inode is another file', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'first line\nof the old file\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  // The same inode with another content is what reuse looks like.
  await writeFile(path, 'another\nand much longer than the position that was reached before\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts().slice(2)).toEqual([
    'another',
    'and much longer than the position that was reached before',
  ])
  expect(intake.opened).toHaveLength(2)
  expect(intake.notes).toEqual([
    expect.objectContaining({
      action: 'affiant.stream.gap',
      stream: intake.opened[0]?.stream.id,
      metadata: { path, reason: 'replaced', from: 27, to: null, certain: false },
    }),
  ])
})

test('inode reuse with the same first line is noticed', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'header\nof the old file\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  // The same inode with another content is what reuse looks like.
  await writeFile(path, 'header\nof the new file, which is longer\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts().slice(2)).toEqual(['header', 'of the new file, which is longer'])
})

test('only the device number has changed: read on, not again', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('audit.log'), 'one\ntwo\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  const known = intake.known().map((stream) => {
    const descriptor = decodeDescriptor(stream.descriptor)
    if (!descriptor) throw new Error('no descriptor')
    return { ...stream, descriptor: encodeDescriptor({ ...descriptor, device: '999999' }) }
  })
  await appendFile(bench.path('audit.log'), 'three\n')
  const second = await bench.start({ intake, known })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['one', 'two', 'three'])
  expect(intake.opened).toHaveLength(1)
  await until('told the journal', () => intake.updates.length === 1)
  const [update] = intake.updates
  expect(decodeDescriptor(update?.descriptor ?? new Uint8Array())?.device).not.toBe('999999')
})

/** An empty file with this inode, as soon as it is free; undefined where nobody gets it soon. */
async function fileWithInode(bench: Bench, inode: number): Promise<string | undefined> {
  const attempts: string[] = []
  let found: string | undefined
  for (let attempt = 0; attempt < 50 && found === undefined; attempt += 1) {
    const path = bench.path(`attempt-${attempt}`)
    await writeFile(path, '')
    if ((await stat(path)).ino === inode) found = path
    else attempts.push(path)
  }
  await Promise.all(attempts.map((path) => rm(path)))
  return found
}

test('deleted while the agent was away, and its inode given to a file with the same head', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  const old = text(['header', ...numbered(0, 20)])
  await writeFile(path, old)
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  const { ino } = await stat(path)
  await rm(path)
  const next = text(['header', ...numbered(100, 150)])
  const reused = await fileWithInode(bench, ino)
  // Some file systems do not give an inode again so soon: then the position is all that the new file shares.
  await writeFile(reused ?? path, next)
  if (reused !== undefined) await rename(reused, path)
  const second = await bench.start({ intake, known: intake.known() })
  await until('the gap', () => intake.notes.length > 0)
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['header', ...numbered(0, 20), 'header', ...numbered(100, 150)])
  // Nobody can tell whether more was written to the old one before it went.
  expect(intake.notes).toMatchObject([
    {
      action: 'affiant.stream.gap',
      stream: intake.opened[0]?.stream.id,
      metadata: { from: old.length, certain: false },
    },
  ])
})

test('deleted while it had no descriptor, and its inode given away at once: another file, and no gap', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, text(['header', ...numbered(0, 20)]))
  await writeFile(bench.path('other.log'), 'other\n')
  const { receiver, intake } = await bench.start({ more: { max_open_files: 1 } })
  await receiver.caughtUp
  const content = [...numbered(0, 20)]
  for (let round = 1; round <= 3; round += 1) {
    await appendFile(bench.path('other.log'), `other ${round}\n`)
    await until('the other one has the descriptor', () => intake.texts().includes(`other ${round}`))
    const { ino } = await stat(path)
    await rm(path)
    const reused = await fileWithInode(bench, ino)
    // Each is longer than the one before: neither its size nor its first line tells that it is another file.
    const next = numbered(round * 100, round * 100 + 20 * (round + 1))
    await writeFile(reused ?? path, text(['header', ...next]))
    if (reused !== undefined) await rename(reused, path)
    content.push(...next)
    await until(`round ${round}`, () => intake.texts().includes(next.at(-1) ?? ''))
  }
  expect(intake.texts().filter((line) => line.startsWith('line'))).toEqual(content)
  await until('the ends', () => intake.notes.length >= 3)
  expect(intake.notes.map(({ action }) => action)).toEqual([1, 2, 3].map(() => 'affiant.stream.closed'))
})
