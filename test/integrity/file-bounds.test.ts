/** Long lines, pressure, noisy neighbours and many files cost bounded memory and starve nobody. */
import { createHash } from 'node:crypto'
import { appendFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

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

test('a long line whose writer pauses in the middle is one record', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), 'first\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  for (let part = 0; part < 6; part += 1) {
    await appendFile(bench.path('a.log'), String(part).repeat(100_000))
    await until('looked at', () => receiver.status()[0]?.scanned === 6 + (part + 1) * 100_000)
  }
  expect(intake.texts()).toEqual(['first'])
  await appendFile(bench.path('a.log'), '\nlast\n')
  await until('all', () => intake.texts().length === 3)
  expect(intake.texts().map((line) => line.length)).toEqual([5, 600_000, 4])
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

test('under pressure reading stops at the bound, and goes on where it was', async () => {
  await using bench = await Bench.create()
  const lines = Array.from({ length: 3_000 }, (_, index) => `{"n":${index}}`)
  for (const name of ['a', 'b', 'c']) {
    await writeFile(bench.path(`${name}.log`), lines.map((line) => `${line}\n`).join(''))
  }
  const { receiver, intake } = await bench.start({ chunkSize: 1024, maxInFlight: 4096 })
  await until('reading', () => intake.texts().length > 0)
  intake.press()
  await until('at the bound', () => intake.inFlight > 2048)
  await throughout('bounded', 200, () => intake.inFlight <= 4096)
  const read = receiver.status().map((file) => file.read - file.committed)
  expect(Math.max(...read)).toBeLessThanOrEqual(2 * 1024)
  intake.relieve()
  await receiver.caughtUp
  expect(intake.texts().sort()).toEqual([...lines, ...lines, ...lines].sort())
  expect(intake.peakInFlight).toBeLessThanOrEqual(4096)
})

test('a noisy file does not starve a quiet one', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('noisy.log'), 'noise\n'.repeat(200_000))
  for (let quiet = 0; quiet < 5; quiet += 1)
    await writeFile(bench.path(`quiet-${quiet}.log`), `quiet ${quiet}\n`)
  const { receiver, intake } = await bench.start({ chunkSize: 4096 })
  await until('the quiet ones', () => intake.journal.filter(({ kind }) => kind === 'open').length === 6)
  await receiver.caughtUp
  const order = intake.lineChunks.map((chunk) => Buffer.from(chunk.bytes).toString('latin1', 0, 5))
  const lastQuiet = order.lastIndexOf('quiet')
  expect(lastQuiet).toBeGreaterThanOrEqual(0)
  expect(lastQuiet).toBeLessThan(order.length / 4)
})

test('500 files at once, each line once', async () => {
  await using bench = await Bench.create()
  const names = Array.from({ length: 500 }, (_, index) => `file-${index}`)
  await Promise.all(names.map((name) => writeFile(bench.path(`${name}.log`), `${name}\n`)))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  expect(receiver.describe().what).toContain('500 files')
  await Promise.all(names.map((name) => appendFile(bench.path(`${name}.log`), `${name} again\n`)))
  await until('all', () => intake.texts().length >= 1_000)
  expect(intake.texts().sort()).toEqual(names.flatMap((name) => [name, `${name} again`]).sort())
})
