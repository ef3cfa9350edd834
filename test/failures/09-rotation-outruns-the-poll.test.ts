/** Elsewhere a rotation that is faster than the poll loses files. Here rotated names are followed, however many there are. */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

/** Rotates as logrotate does, `keep` names deep, without giving anybody a chance to look. */
function rotate(bench: Bench, keep: number): void {
  for (let name = keep; name > 0; name -= 1) {
    try {
      renameSync(bench.path(`audit.log.${name}`), bench.path(`audit.log.${name + 1}`))
    } catch {
      // There are not so many yet.
    }
  }
  renameSync(bench.path('audit.log'), bench.path('audit.log.1'))
}

test('many rotations between two looks, to names that match nothing: all are read, in order', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  // What the same rotation has left long ago, and what others keep beside a log, is not touched.
  await writeFile(bench.path('audit.log.9'), 'ancient\n')
  await throughout('older', 20, () => true)
  await writeFile(path, 'first\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  const written = ['first']
  for (let burst = 0; burst < 3; burst += 1) {
    for (let round = 0; round < 5; round += 1) {
      // The last line of a file is often as old as the next file.
      const last = `last before ${burst}-${round}`
      written.push(last)
      appendFileSync(path, `${last}\n`)
      rotate(bench, 8)
      const line = `${burst}-${round}`
      written.push(line)
      writeFileSync(path, `${line}\n`)
      writeFileSync(bench.path('audit.log.bak'), `foreign ${line}\n`)
      writeFileSync(bench.path('audit.log.lock'), `foreign ${line}\n`)
    }
    await until(
      'all',
      () => intake.texts().length >= written.length,
      () => intake.texts(),
    )
  }
  await throughout('no more', 200, () => intake.texts().length === written.length)
  expect(intake.texts()).toEqual(written)
  // Nothing is lost by renaming, and nothing is said to be.
  expect(intake.notes.filter(({ action }) => action === 'affiant.stream.gap')).toEqual([])
})

test('rotated several times while the agent was away: the rest, what was between, the present one', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'zero\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await appendFile(path, 'one\n')
  for (const line of ['two', 'three', 'four']) {
    await throughout('later', 8, () => true)
    rotate(bench, 8)
    await writeFile(path, `${line}\n`)
  }
  const second = await bench.start({ intake, known: intake.known() })
  await until(
    'all',
    () => intake.texts().length >= 5,
    () => intake.texts(),
  )
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['zero', 'one', 'two', 'three', 'four'])
  expect(intake.notes).toEqual([])
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
