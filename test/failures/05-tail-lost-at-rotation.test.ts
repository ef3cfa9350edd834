/**
 * Elsewhere the tail of a file is lost when it is rotated, and its torn last line is joined to the first one of the next file.
 * Here the old file is read to its end first, and no record is made of parts of two.
 */
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { until } from '../receivers/until.ts'

test('rename in mid-line: the old file is drained first, under a name that matches nothing', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\n')
  const { receiver, intake } = await bench.start({ grace: 5_000 })
  await receiver.caughtUp
  intake.hold()
  await appendFile(path, 'two\n{"torn":')
  await rename(path, bench.path('audit.log.1'))
  await writeFile(path, 'four\n')
  await appendFile(bench.path('audit.log.1'), '"mended"}\nthree\n')
  intake.relieve()
  await until(
    'all',
    () => intake.texts().length === 5,
    () => intake.texts(),
  )
  expect(intake.texts()).toEqual(['one', 'two', '{"torn":"mended"}', 'three', 'four'])
  expect(new Set(intake.allLines().map(({ stream }) => stream)).size).toBe(2)
})

test('a line that the rotation left unfinished is a record of its own after the grace', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\ntorn')
  const { receiver, intake } = await bench.start({ grace: 200 })
  await receiver.caughtUp
  await rename(path, bench.path('audit.log.1'))
  await writeFile(path, 'next\n')
  await until(
    'all',
    () => intake.texts().length === 3,
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual(['next', 'one', 'torn'])
  // Its writer comes back: what it adds is a record too, and nothing is read twice.
  await appendFile(bench.path('audit.log.1'), ' rest\nlate\n')
  await until(
    'late',
    () => intake.texts().includes('late'),
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual([' rest', 'late', 'next', 'one', 'torn'])
})
