/** Elsewhere two files with the same first kilobyte are taken for one, and the second is skipped. Here both are read. */
import { appendFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { text } from '../receivers/file/numbered.ts'
import { until } from '../receivers/until.ts'

test('two files with the same head are both read, also when they are wholly the same', async () => {
  await using bench = await Bench.create()
  const head = `{"pad":"${'x'.repeat(3000)}"}`
  await writeFile(bench.path('a.log'), text([head, 'a']))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await writeFile(bench.path('b.log'), text([head, 'b']))
  await until('b', () => intake.texts().includes('b'))
  await writeFile(bench.path('c.log'), text([head, 'a']))
  await until('c, after the grace', () => intake.texts().filter((line) => line === 'a').length === 2)
  await appendFile(bench.path('c.log'), 'c\n')
  await until('more of c', () => intake.texts().includes('c'))
  expect(intake.texts().filter((line) => line === head)).toHaveLength(3)
})
