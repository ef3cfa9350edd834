/** Elsewhere a file that begins with a blank line or a byte order mark is read twice. Here: exactly once. */
import { appendFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'

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
