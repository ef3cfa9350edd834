/** A tailed line enters the journal exactly once, whenever the agent ends. */
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { until } from '../receivers/until.ts'

test('stopped and started again and again while it is written to', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  const total = 4_000
  const lines = Array.from(
    { length: total },
    (_, index) => `{"n":${index},"pad":"${'x'.repeat(index % 97)}"}`,
  )
  const writer = (async () => {
    for (let from = 0; from < total; from += 50) {
      // Every write ends in mid-line: the next one finishes it.
      const text = lines
        .slice(from, from + 50)
        .map((line) => `${line}\n`)
        .join('')
      await appendFile(path, text.slice(0, -5))
      await appendFile(path, text.slice(-5))
    }
  })()
  let { receiver, intake } = await bench.start({ chunkSize: 700 })
  for (let restart = 0; restart < 12; restart += 1) {
    const goal = Math.min(total, intake.texts().length + 200)
    await until('progress', () => intake.texts().length >= goal)
    // Under pressure a stop aborts what is in flight: as much as a kill leaves behind.
    if (restart % 2 === 0) intake.press()
    await receiver.stop()
    intake.relieve()
    ;({ receiver } = await bench.start({ chunkSize: 700, intake, known: intake.known() }))
  }
  await writer
  await until('all', () => intake.texts().length >= total)
  expect(intake.texts()).toEqual(lines)
  expect(intake.opened).toHaveLength(1)
})

test('rotated while the agent was away: the rest of the old file first, then the new one', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\n')
  const first = await bench.start()
  await first.receiver.caughtUp
  await first.receiver.stop()
  await appendFile(path, 'two\n')
  await rename(path, bench.path('audit.log.1'))
  await writeFile(path, 'three\n')
  const { intake } = first
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['one', 'two', 'three'])
  expect(intake.opened).toHaveLength(2)
  expect(intake.forgotten).toEqual([])
})

test('rotated into another directory while the agent ran, and read on after a restart', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'one\n')
  await mkdir(bench.path('old'))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await rename(path, bench.path('old/audit.1'))
  await until('noticed', () => intake.updates.length > 0)
  await receiver.stop()
  await appendFile(bench.path('old/audit.1'), 'two\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['one', 'two'])
})

test('a file that went away is a gap, one whose directory is not there is not', async () => {
  await using bench = await Bench.create()
  await mkdir(bench.path('volume'))
  await writeFile(bench.path('gone.log'), 'gone\n')
  await writeFile(bench.path('volume/kept.log'), 'kept\n')
  const include = ['*.log', 'volume/*.log']
  const { receiver, intake } = await bench.start({ include })
  await receiver.caughtUp
  await receiver.stop()
  await rm(bench.path('gone.log'))
  await rename(bench.path('volume'), bench.path('unmounted'))
  const second = await bench.start({ include, intake, known: intake.known() })
  await second.receiver.caughtUp
  await until('reported', () => intake.notes.length === 1)
  expect(intake.notes[0]?.metadata).toMatchObject({
    path: bench.path('gone.log'),
    reason: 'vanished',
    from: 5,
  })
  await rename(bench.path('unmounted'), bench.path('volume'))
  await appendFile(bench.path('volume/kept.log'), 'more\n')
  await until('more', () => intake.texts().includes('more'))
  expect(intake.texts().sort()).toEqual(['gone', 'kept', 'more'])
})
