/** copytruncate, again and again: nothing of a copy is read twice, neither then nor by a restart. */
import { copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { appendFile, utimes, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`)
const text = (from: number, to: number) => `${lines(from, to).join('\n')}\n`

test('the rest of a truncated file is read from its copy once, and not again by a restart', async () => {
  await using bench = await Bench.create()
  const path = bench.path('app.log')
  // Looking through these takes as long as reading the copy: what each does must not depend on who is first.
  const yesterday = Date.now() / 1000 - 86_400
  for (let other = 0; other < 200; other += 1) {
    await writeFile(`${path}.${1_000 + other}`, `old ${other}\n`)
    // What was begun within a clock's tick before the start could be a generation that this has not seen.
    await utimes(`${path}.${1_000 + other}`, yesterday, yesterday)
  }
  await writeFile(path, text(0, 100))
  const { receiver, intake } = await bench.start({ include: ['app.log'] })
  await receiver.caughtUp
  for (let rotation = 1; rotation <= 6; rotation += 1) {
    const first = rotation * 1_000
    await appendFile(path, text(first, first + 100))
    copyFileSync(path, `${path}.${rotation}`)
    writeFileSync(path, text(first + 100, first + 200))
    await until('all of it', () => intake.texts().length === 100 + rotation * 200)
  }
  await receiver.stop()
  const again = await bench.start({ include: ['app.log'], intake, known: intake.known() })
  await again.receiver.caughtUp
  await again.receiver.stop()
  const expected = [0, 1, 2, 3, 4, 5, 6].flatMap((rotation) => {
    return lines(rotation * 1_000, rotation * 1_000 + (rotation === 0 ? 100 : 200))
  })
  expect(intake.texts().toSorted()).toEqual(expected.toSorted())
})

test.each([
  ['', ['.1']],
  [', and renamed', ['.1', '.2']],
] as const)(
  'copied and truncated before anything of it was read%s: the copy is read, and nothing counts as lost',
  async (_, names) => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    const { receiver, intake } = await bench.start({ include: ['app.log*'], holdFor: 60_000 })
    // Its stream is opened, and nothing is read before that is committed.
    intake.hold()
    writeFileSync(path, text(0, 3))
    await until('opened', () => intake.pending === 1)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    if (names.length > 1) {
      renameSync(`${path}.1`, `${path}.2`)
      renameSync(path, `${path}.1`)
    }
    const copy = () => receiver.status().find((file) => file.path === `${path}${names.at(-1)}`)
    await until('the copy is looked at', () => Boolean(copy()?.stream ?? copy()?.scanned))
    intake.relieve()
    await until('all', () => intake.texts().length >= 3)
    writeFileSync(path, text(3, 5))
    await until('what follows', () => intake.texts().length >= 5)
    expect(intake.texts()).toEqual(lines(0, 5))
    // What came behind the copy, if anything, nobody can know.
    expect(intake.notes.filter(({ metadata }) => metadata.certain !== false)).toEqual([])
  },
)

test('copied and truncated while the journal takes nothing for long: the copy waits for what becomes of the file', async () => {
  await using bench = await Bench.create()
  const path = bench.path('app.log')
  writeFileSync(path, text(0, 3))
  const { receiver, intake, logs } = await bench.start({ include: ['app.log*'], holdFor: 1 })
  await receiver.caughtUp
  intake.hold()
  writeFileSync(path, text(3, 6), { flag: 'a' })
  await until('handed on', () => intake.pending === 1)
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
  await until('held back', () => logs.some(({ msg }) => msg.startsWith('the same as another file')))
  await throughout('several looks at what is held back', 600, () => true)
  intake.relieve()
  await until('all', () => intake.texts().length >= 6)
  writeFileSync(path, text(6, 8))
  await until('what follows', () => intake.texts().length >= 8)
  expect(intake.texts()).toEqual(lines(0, 8))
  // What came behind the copy, if anything, nobody can know.
  expect(intake.notes.filter(({ metadata }) => metadata.certain !== false)).toEqual([])
})
