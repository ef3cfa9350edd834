/** Compressed files as input of their own: read once, read on, and what is damaged is said. */
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { throughout, until } from '../receivers/until.ts'

test('a gzip file that is no copy is an input of its own, and is read on after a restart', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('old.log.gz'), gzipSync(`${text(numbered(0, 500))}no newline`))
  const options = { include: ['*.gz'], chunkSize: 512 }
  const { receiver, intake } = await bench.start(options)
  await until('some', () => intake.texts().length > 100)
  intake.press()
  await receiver.stop()
  intake.relieve()
  const second = await bench.start({ ...options, intake, known: intake.known() })
  await until(
    'all',
    () => intake.texts().length >= 501,
    () => intake.texts().length,
  )
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual([...numbered(0, 500), 'no newline'])
  expect(intake.opened).toHaveLength(1)
  expect(intake.opened[0]?.metadata).toMatchObject({ compression: 'gzip' })
})

test('a damaged gzip file: what is before the damage is read, the rest is a gap, said once', async () => {
  await using bench = await Bench.create()
  const bytes = gzipSync(text(Array.from({ length: 20_000 }, (_, n) => `line ${n} ${Math.sin(n)}`)))
  const middle = Math.floor(bytes.length / 2)
  bytes.fill(0xff, middle, middle + 64)
  await writeFile(bench.path('old.log.gz'), bytes)
  await writeFile(
    bench.path('broken.log.gz'),
    Buffer.from([0x1f, 0x8b, 8, 0, 10, 10, 1, 2, 3, 0xff, 0xff, 0xff]),
  )
  const { receiver, intake } = await bench.start({ include: ['*.gz'] })
  await until('both', () => intake.notes.length === 2)
  expect(intake.texts().length).toBeGreaterThan(1_000)
  expect(intake.notes.map(({ metadata }) => metadata.reason)).toEqual(['corrupt', 'corrupt'])
  const read = intake.texts().length
  await receiver.stop()
  const second = await bench.start({ include: ['*.gz'], intake, known: intake.known() })
  await second.receiver.caughtUp
  await throughout('once', 300, () => intake.notes.length === 2 && intake.texts().length === read)
})
