/**
 * Elsewhere a new file that has the inode of an old one is read from the old offset. Here a file is its device, inode, head
 * and generation: reuse is noticed, and a device number that has changed is no other file.
 */
import { appendFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { decodeDescriptor, encodeDescriptor } from '../../src/receivers/file/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
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
