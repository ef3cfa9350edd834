import { crc32c } from '@node-rs/crc32'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { cursorPath, readCursors } from '../../src/journal/cursor-file.ts'
import { Cursors } from '../../src/journal/cursors.ts'
import { CrashFileSystem } from './crash-file-system.ts'

const epoch = 17

async function cursorsOn(fs: CrashFileSystem) {
  let now = 1_000_000
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
  const { cursors: found, damaged: names } = await readCursors(fs, '/data')
  const damaged = { names, from: 4 }
  const cursors = new Cursors({ fs, dataDir: '/data', epoch, clock, found, damaged, moved: () => {} })
  return {
    cursors,
    pass: (ms: number) => {
      now += ms
    },
  }
}

describe('cursors', () => {
  test('move forward only', async () => {
    const { cursors } = await cursorsOn(new CrashFileSystem())
    const cursor = await cursors.open('sink', 5, true)
    cursor.settle(3)
    expect(cursor.settled).toBe(5)
    cursor.settle(8)
    cursor.settle(8)
    expect(cursor.settled).toBe(8)
    expect(cursor.history).toEqual([[8, 1_000_000]])
  })

  test('remember when recent seqs were settled, 64 at most, those close together as one', async () => {
    const { cursors, pass } = await cursorsOn(new CrashFileSystem())
    const cursor = await cursors.open('sink', 0, true)
    for (let seq = 1; seq <= 200; seq++) {
      cursor.settle(seq)
      pass(1000)
    }
    expect(cursor.history).toHaveLength(64)
    expect(cursor.history.at(-1)).toEqual([200, 1_199_000])
    const before = cursor.history.length
    for (let seq = 201; seq <= 300; seq++) {
      cursor.settle(seq)
      pass(1)
    }
    expect(cursor.history).toHaveLength(before)
    expect(cursor.history.filter(([seq]) => seq > 200).length).toBeLessThan(4)
    // Whatever is merged, nothing is said to be settled before it was.
    for (const [seq, at] of cursor.history)
      expect(at).toBeGreaterThanOrEqual(1_000_000 + (Math.min(seq, 200) - 1) * 1000)
  })

  test.each([
    ['nothing', ''],
    ['garbage', '\u0000\u0001 not json\n'],
    ['a checksum of nothing', '\n00000000\n'],
    ['a checksum that is right, of something else', `[]\n${crc32c('[]').toString(16).padStart(8, '0')}\n`],
  ])(
    'a file with %s: its sink gets all again, whatever `start` says, and until then it is kept',
    async (_, text) => {
      const fs = new CrashFileSystem()
      await (await fs.open(cursorPath('/data', 'sink'), 'create')).write([Buffer.from(text)], 0)
      const { cursors } = await cursorsOn(fs)
      expect(cursors.requiredFrom()).toBe(4)
      expect((await cursors.open('sink', 100, true)).settled).toBe(4)
      expect((await cursorsOn(fs)).cursors.requiredFrom()).toBe(4)
    },
  )

  test('survive a power cut as far as they were flushed', async () => {
    const fs = new CrashFileSystem()
    const first = await cursorsOn(fs)
    const cursor = await first.cursors.open('sink', 0, true)
    cursor.settle(10)
    await first.cursors.flush()
    cursor.settle(20)
    fs.restart(() => false)
    const second = await cursorsOn(fs)
    const again = await second.cursors.open('sink', 0, true)
    expect(again.settled).toBe(10)
    expect(again.history).toEqual([[10, 1_000_000]])
  })

  test('a damaged file counts as lost, one of another epoch too', async () => {
    const fs = new CrashFileSystem()
    const { cursors } = await cursorsOn(fs)
    ;(await cursors.open('sink', 0, true)).settle(10)
    await cursors.flush()
    fs.flip(cursorPath('/data', 'sink'), 40, 2)
    expect(await readCursors(fs, '/data')).toEqual({ cursors: [], damaged: ['sink'] })
    fs.flip(cursorPath('/data', 'sink'), 40, 2)
    expect((await readCursors(fs, '/data')).cursors).toMatchObject([{ name: 'sink', epoch, settled: 10 }])
  })

  test('only required ones hold back; a changed requirement is kept', async () => {
    const fs = new CrashFileSystem()
    const { cursors } = await cursorsOn(fs)
    expect(cursors.requiredFrom()).toBe(Number.POSITIVE_INFINITY)
    await cursors.open('a', 3, true)
    await cursors.open('b', 1, false)
    expect(cursors.requiredFrom()).toBe(3)
    expect(cursors.expire(2)).toEqual([{ name: 'b', required: false, firstSeq: 1 }])
    await cursors.open('b', 0, true)
    expect(cursors.requiredFrom()).toBe(2)
    expect((await cursorsOn(fs)).cursors.slowest()).toEqual({ name: 'b', settled: 2, configured: false })
  })
})
