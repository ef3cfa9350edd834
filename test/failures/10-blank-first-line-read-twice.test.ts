/** Elsewhere a file that begins with a blank line or a byte order mark is read twice. Here: exactly once. */
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

test('a blank first line, and a BOM, are read exactly once, also over a restart', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('blank.log'), '\none\n')
  await writeFile(bench.path('bom.log'), '\ufefftwo\nthree\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await appendFile(bench.path('blank.log'), 'four\n')
  await appendFile(bench.path('bom.log'), 'five\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts().sort()).toEqual(['', 'five', 'four', 'one', 'three', '\ufefftwo'])
  expect(intake.opened).toHaveLength(2)
})

test('a blank line or a BOM that stands alone for a while, then is followed by lines, and rotated', async () => {
  await using bench = await Bench.create()
  const beginnings = { blank: '\n', bom: '\ufeff', blanks: '\n\n', bomAndBlank: '\ufeff\n' }
  const names = Object.keys(beginnings)
  for (const [name, beginning] of Object.entries(beginnings)) {
    await writeFile(bench.path(`${name}.log`), beginning)
  }
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  for (const name of names) await appendFile(bench.path(`${name}.log`), `${name} 1\n`)
  const linesOf = (end: string) => intake.texts().filter((line) => line.endsWith(end)).length
  await until('the first lines', () => linesOf(' 1') === names.length)
  for (const [name, beginning] of Object.entries(beginnings)) {
    await rename(bench.path(`${name}.log`), bench.path(`${name}.log.1`))
    // The next one begins with the same bytes.
    await writeFile(bench.path(`${name}.log`), `${beginning}${name} 2\n`)
    await appendFile(bench.path(`${name}.log.1`), `${name} late\n`)
  }
  await until(
    'the last lines',
    () => linesOf(' 2') === names.length && linesOf(' late') === names.length,
    () => intake.texts(),
  )
  await throughout('once', 400, () => linesOf(' 1') === names.length)
  const expected = Object.entries(beginnings).flatMap(([name, beginning]) => [
    ...`${beginning}${name} 1\n${name} late\n`.split('\n').slice(0, -1),
    ...`${beginning}${name} 2\n`.split('\n').slice(0, -1),
  ])
  expect(intake.texts().sort()).toEqual(expected.sort())
})
