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
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const path = bench.path(`attempt-${attempt}`)
    await writeFile(path, '')
    if ((await stat(path)).ino === inode) return path
  }
  return undefined
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
