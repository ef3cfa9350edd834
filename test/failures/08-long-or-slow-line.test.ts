/**
 * Elsewhere a long line is split, or its file given up, and so is one whose writer pauses. Here it is one record, or, over the
 * limit, one marked record with its hash.
 */
import { createHash } from 'node:crypto'
import { appendFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { until } from '../receivers/until.ts'

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

test('a line of 16 KiB + 1 and one of 10 MB are one record each', async () => {
  await using bench = await Bench.create()
  const long = 'y'.repeat(10_000_000)
  const page = 'p'.repeat(16 * 1024 + 1)
  await writeFile(bench.path('a.log'), `first\n${page}\n${long}\nlast\n`)
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  const lines = intake.allLines()
  expect(lines.map(({ bytes }) => bytes.length)).toEqual([5, page.length, long.length, 4])
  expect(sha256(lines[2]?.bytes ?? '')).toBe(sha256(long))
  expect(lines[3]?.offset).toBe(6 + page.length + 1 + long.length + 1)
})

test.each([
  ['16 KiB, then one byte more', [16 * 1024, 1]],
  ['600 kB in six parts', Array.from({ length: 6 }, () => 100_000)],
])('a line whose writer pauses in the middle is one record: %s', async (_, parts) => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'first\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  let size = 0
  for (const [part, length] of parts.entries()) {
    await appendFile(bench.path('a.log'), String(part).repeat(length))
    size += length
    await until('looked at', () => receiver.status()[0]?.scanned === 6 + size)
  }
  expect(intake.texts()).toEqual(['first'])
  await appendFile(bench.path('a.log'), '\nlast\n')
  await until('all', () => intake.texts().length === 3)
  const line = parts.map((length, part) => String(part).repeat(length)).join('')
  expect(intake.texts()).toEqual(['first', line, 'last'])
})

test('a line over the limit is one marked record: its size, its hash, the head of it, and no more in memory', async () => {
  await using bench = await Bench.create()
  const size = 20_000_000
  await writeFile(bench.path('a.log'), `first\n${'z'.repeat(size)}\nlast\n`)
  const { receiver, intake } = await bench.start({ max_record: '1MiB' })
  await receiver.caughtUp
  const [first, oversize, last] = intake.allLines()
  expect(first?.bytes.toString()).toBe('first')
  expect(oversize?.oversize).toEqual({ size, sha256: sha256('z'.repeat(size)) })
  expect(oversize?.bytes.toString()).toBe('z'.repeat(64 * 1024))
  expect(oversize?.offset).toBe(6)
  expect(last?.bytes.toString()).toBe('last')
  expect(last?.offset).toBe(6 + size + 1)
  expect(intake.peakInFlight).toBeLessThan(200_000)
})

test('max_record counts to the byte, also below the size of a chunk', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), `${'a'.repeat(1000)}\n${'b'.repeat(1001)}\n${'c'.repeat(999)}\n`)
  const { receiver, intake } = await bench.start({ max_record: '1000B' })
  await receiver.caughtUp
  expect(intake.allLines().map(({ bytes, oversize }) => oversize?.size ?? bytes.length)).toEqual([
    1000, 1001, 999,
  ])
  expect(intake.allLines().map(({ oversize }) => oversize !== undefined)).toEqual([false, true, false])
})
