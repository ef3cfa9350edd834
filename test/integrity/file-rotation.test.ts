/** Rotation loses no line, repeats none, and joins no two. */
import { appendFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeDescriptor } from '../../src/receivers/file/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

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

test('many rotations while writing: each line once, files in order', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  const written: string[] = []
  for (let rotation = 0; rotation < 8; rotation += 1) {
    for (let write = 0; write < 40; write += 1) {
      const line = `${rotation}-${write}`
      written.push(line)
      await appendFile(path, `${line}\n`)
    }
    // The receiver has met this file before the next one takes its name.
    await until('met', () => intake.opened.length === rotation + 1)
    for (let kept = rotation; kept > 0; kept -= 1) {
      await rename(bench.path(`audit.log.${kept}`), bench.path(`audit.log.${kept + 1}`))
    }
    await rename(path, bench.path('audit.log.1'))
  }
  await until(
    'all',
    () => intake.texts().length === written.length,
    () => intake.texts().length,
  )
  expect(intake.texts()).toEqual(written)
})

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

test('a symlink that is switched to another file is followed', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('0.data'), 'zero\n')
  await symlink(bench.path('0.data'), bench.path('app.log'))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await writeFile(bench.path('1.data'), 'one\n')
  await symlink(bench.path('1.data'), bench.path('switch'))
  await rename(bench.path('switch'), bench.path('app.log'))
  await appendFile(bench.path('0.data'), 'late\n')
  await until(
    'all',
    () => intake.texts().length === 3,
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual(['late', 'one', 'zero'])
})

test('a file that vanishes while the journal is full is read to its end', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\n')
  const { receiver, intake } = await bench.start({ chunkSize: 64, maxInFlight: 128 })
  await receiver.caughtUp
  intake.press()
  const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`)
  await appendFile(path, lines.map((line) => `${line}\n`).join(''))
  await rm(path)
  await throughout('kept', 500, () => intake.notes.length === 0)
  intake.relieve()
  await until('closed', () => intake.notes.length === 1)
  expect(intake.notes[0]?.action).toBe('affiant.stream.closed')
  expect(intake.texts()).toEqual(['one', ...lines])
})
