/** Elsewhere a rotated file is read again from its start once it is compressed. Here only what was not read of it is. */
import { unlinkSync, writeFileSync } from 'node:fs'
import { appendFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeDescriptor } from '../../src/receivers/file/identity/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { throughout, until } from '../receivers/until.ts'

test('rotate and gzip: the copy is not read again', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\ntwo\n')
  const { receiver, intake } = await bench.start({ include: ['audit.log*'] })
  await receiver.caughtUp
  await rename(path, bench.path('audit.log.1'))
  await writeFile(bench.path('audit.log.1.gz'), gzipSync('one\ntwo\n', { level: 0 }))
  await rm(bench.path('audit.log.1'))
  await writeFile(path, 'three\n')
  await until('three', () => intake.texts().includes('three'))
  await until('taken over', () =>
    intake
      .known()
      .some(({ descriptor }) => decodeDescriptor(descriptor)?.path === bench.path('audit.log.1.gz')),
  )
  expect(intake.texts()).toEqual(['one', 'two', 'three'])
  expect(intake.opened).toHaveLength(2)
  expect(intake.notes).toEqual([])
})

test('rotate and gzip: what was read is not read again, the rest is', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, text(numbered(0, 50)))
  const include = ['audit.log', 'audit.log.*']
  const { receiver, intake } = await bench.start({ include })
  await receiver.caughtUp
  for (let round = 0; round < 3; round += 1) {
    const first = 50 * (round + 1)
    if (round > 0) await rename(bench.path('audit.log.1.gz'), bench.path(`audit.log.${round + 1}.gz`))
    await rename(path, bench.path('audit.log.1'))
    await writeFile(path, text(numbered(first, first + 50)))
    const content = text(numbered(first - 50, first))
    await writeFile(bench.path('audit.log.1.gz'), gzipSync(content))
    await unlink(bench.path('audit.log.1'))
    await until('read', () => intake.texts().length >= first + 50)
  }
  await throughout('once', 800, () => intake.texts().length === 200)
  expect(intake.texts()).toEqual(numbered(0, 200))
  await receiver.stop()
  // While nobody looks: more is written, then rotated and compressed.
  await appendFile(path, text(numbered(200, 220)))
  await writeFile(bench.path('audit.log.0.gz'), gzipSync(text(numbered(150, 220))))
  await rm(path)
  await writeFile(path, text(numbered(220, 230)))
  const second = await bench.start({ include, intake, known: intake.known() })
  await until('all', () => intake.texts().length >= 230)
  await second.receiver.caughtUp
  await throughout('once', 300, () => intake.texts().length === 230)
  expect(intake.texts()).toEqual(numbered(0, 230))
})

test('rotated and compressed while the agent was away: found by content', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'zero\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  writeFileSync(bench.path('audit.log.2.gz'), gzipSync('zero\none\n'))
  unlinkSync(path)
  writeFileSync(bench.path('audit.log.1'), 'two\n')
  writeFileSync(path, 'three\n')
  const second = await bench.start({ intake, known: intake.known() })
  await until(
    'all',
    () => intake.texts().length >= 4,
    () => intake.texts(),
  )
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['zero', 'one', 'two', 'three'])
  expect(intake.notes).toEqual([])
})
