/**
 * A batch that waits in the queue behind one that is refused, while the disk recovers between the two. Its sender cannot
 * know yet; only the journal can keep it from overtaking.
 */
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { OpenFile } from '../../src/journal/fs-port.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, until } from '../journal/journal-directory.ts'

/** Holds back each write of blocks while `gate` is closed. */
class GatedFileSystem extends CrashFileSystem {
  gate: Promise<void> = Promise.resolve()
  waiting = 0

  override async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await super.open(path, mode)
    return {
      ...file,
      write: async (parts, position) => {
        this.waiting++
        await this.gate
        this.waiting--
        await file.write(parts, position)
      },
    }
  }
}

/** Between two looks, milliseconds. */
const every = 500

test('a batch of the same order that was queued behind a refused one is refused, though the disk works again', async () => {
  /** Every other look of the journal tries whether a disk that failed works again: whether it rests, and how often it has looked. */
  let rests = false
  let looked = 0
  const clock: Clock = {
    ...systemClock,
    async sleep(ms, signal) {
      if (ms === every) rests = true
      await systemClock.sleep(Math.min(ms, 2), signal)
      if (ms !== every) return
      rests = false
      looked++
    },
  }
  const fs = new GatedFileSystem()
  await using journal = await open('/data', {
    fs,
    clock,
    lock: async () => ({ release: () => {} }),
    config: smallConfig({ commit: { max_bytes: '4KiB' } }),
  })
  const append = (text: string, order?: { broken: boolean }) =>
    journal.append(batchOf([text]), { stream: stream(1) }, order ? { order } : {})
  await append('before')

  const { promise, resolve: release } = Promise.withResolvers<void>()
  fs.gate = promise
  let failures = 2
  fs.fails = (operation, path) => {
    if (operation !== 'sync' || !path.endsWith('.seg') || failures === 0) return null
    // Not the new segment's own header: of each segment only the sync of the group fails.
    if (!fs.files('.seg').some(({ bytes }) => bytes.includes('refused'))) return null
    failures--
    return Object.assign(new Error('EIO: simulated'), { code: 'EIO' })
  }
  const order = { broken: false }
  await until(() => rests && looked % 2 === 1)
  const before = looked
  const first = append(`refused ${'x'.repeat(2000)}`, order)
  first.catch(() => {})
  await until(() => fs.waiting > 0)
  // The look whether the disk works again takes its place in the queue, behind the first and before the second.
  await until(() => looked > before)
  await new Promise(setImmediate)
  const second = append('second', order)
  const other = append('of another order')
  release()
  await expect(first).rejects.toMatchObject({ code: 'journal_unavailable' })
  await expect(second).rejects.toMatchObject({
    code: 'journal_unavailable',
    message: 'a batch before this one was refused',
  })
  // The disk did work by then.
  expect(await other).toMatchObject({ firstSeq: 1 })
  await using reader = journal.read(0)
  expect((await drain(reader)).map(([, text]) => text)).toEqual(['before', 'of another order'])
})
