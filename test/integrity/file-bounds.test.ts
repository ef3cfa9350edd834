/** Pressure, noisy neighbours and many files cost bounded memory and starve nobody. */
import { appendFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

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
