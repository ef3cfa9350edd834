// What is looked at, how, and what is left alone: polling alone, ignore_older, names that stand for no file.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, copyFileSync, truncateSync } from 'node:fs'
import { appendFile, mkdir, rename, truncate, unlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { until } from '../until.ts'
import { Bench } from './harness.ts'

describe('watch: poll', () => {
  test('growth, rotation, truncation and new files are found without a notification', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\n')
    const { intake } = await bench.start({ more: { watch: 'poll', poll: '50ms' } })
    const reads = (text: string) => until(text, () => intake.texts().includes(text))
    await reads('one')
    await appendFile(bench.path('a.log'), 'two\n')
    await reads('two')
    const begun = performance.now()
    await writeFile(bench.path('b.log'), 'new\n')
    await reads('new')
    expect(performance.now() - begun, 'a second for the scan, and some').toBeLessThan(5_000)
    await rename(bench.path('a.log'), bench.path('a.log.1'))
    await writeFile(bench.path('a.log'), 'after the rotation\n')
    await reads('after the rotation')
    await truncate(bench.path('b.log'))
    await reads('new')
    await appendFile(bench.path('b.log'), 'after the truncation\n')
    await reads('after the truncation')
    expect(intake.texts().sort()).toEqual(
      ['one', 'two', 'new', 'after the rotation', 'after the truncation'].sort(),
    )
  })

  test('a file that is truncated and as long again between two looks', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'line 0\n')
    const { intake } = await bench.start({ more: { watch: 'poll', poll: '50ms' } })
    for (let line = 1; line < 6; line += 1) {
      await until('the line before', () => intake.texts().length === line)
      await writeFile(bench.path('a.log'), `line ${line}\n`)
    }
    await until('the last', () => intake.texts().length === 6)
    expect(intake.texts()).toEqual(Array.from({ length: 6 }, (_, line) => `line ${line}`))
  })

  test.each([0, 1])('what was copied and truncated between two looks, behind %i lines', async (before) => {
    await using bench = await Bench.create()
    const path = bench.path('a.log')
    const lines = Array.from({ length: before }, (_, line) => `line ${line}`)
    await writeFile(path, lines.map((line) => `${line}\n`).join(''))
    const { intake, receiver } = await bench.start({
      include: ['a.log'],
      more: { watch: 'poll', poll: '50ms' },
    })
    await receiver.caughtUp
    for (let generation = 1; generation <= 3; generation += 1) {
      lines.push(`generation ${generation}`)
      appendFileSync(path, `${lines.at(-1)}\n`)
      copyFileSync(path, `${path}.${generation}`)
      truncateSync(path)
      await until('that', () => intake.texts().length === lines.length)
    }
    expect(intake.texts()).toEqual(lines)
  })

  test('directories that appear later are searched', async () => {
    await using bench = await Bench.create()
    const { intake } = await bench.start({
      include: ['logs/**/*.log'],
      more: { watch: 'poll', poll: '50ms' },
    })
    await mkdir(bench.path('logs/deep/down'), { recursive: true })
    await writeFile(bench.path('logs/deep/down/a.log'), 'found\n')
    await until('the line', () => intake.texts().includes('found'))
  })
})

describe('ignore_older', () => {
  const longAgo = new Date(Date.now() - 48 * 3_600_000)

  test('an old file is left alone until it grows, and is read from its beginning then', async () => {
    await using bench = await Bench.create()
    for (const name of ['old.log', 'older.log']) {
      await writeFile(bench.path(name), `${name}: old\n`)
      await utimes(bench.path(name), longAgo, longAgo)
    }
    await writeFile(bench.path('new.log'), 'new\n')
    const { intake, receiver, metrics } = await bench.start({ more: { ignore_older: '24h' } })
    await receiver.caughtUp
    expect(intake.texts()).toEqual(['new'])
    expect(await metrics.registry.metrics()).toContain('affiant_receiver_files_ignored{receiver="app"} 2')
    await appendFile(bench.path('old.log'), 'old.log: grown\n')
    await until('the old file', () => intake.texts().length === 3)
    expect(intake.texts().sort()).toEqual(['new', 'old.log: grown', 'old.log: old'])
    expect(receiver.status().map(({ path }) => path)).not.toContain(bench.path('older.log'))
  })

  test('growth is found by looking alone, too', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('old.log'), 'old\n')
    await utimes(bench.path('old.log'), longAgo, longAgo)
    const { intake } = await bench.start({ more: { ignore_older: '24h', watch: 'poll' } })
    await appendFile(bench.path('old.log'), 'grown\n')
    await until('both lines', () => intake.texts().length === 2)
  })

  test('a file known from before the restart is gone on with, however old it is', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\n')
    const first = await bench.start()
    await until('the first line', () => first.intake.texts().length === 1)
    await first.receiver.stop()
    await appendFile(bench.path('a.log'), 'two\n')
    await utimes(bench.path('a.log'), longAgo, longAgo)
    const { intake } = await bench.start({
      intake: first.intake,
      known: first.intake.known(),
      more: { ignore_older: '24h' },
    })
    await until('the second line', () => intake.texts().length === 2)
    expect(intake.texts()).toEqual(['one', 'two'])
  })
})

test('a pipe and a socket under a matching name are skipped, with one message each; the file that follows is read', async () => {
  await using bench = await Bench.create()
  execFileSync('mkfifo', [bench.path('pipe.log')])
  const server = createServer().listen(bench.path('socket.log'))
  await once(server, 'listening')
  await writeFile(bench.path('a.log'), 'a\n')
  const { intake, logs, receiver } = await bench.start()
  await receiver.caughtUp
  expect(intake.texts()).toEqual(['a'])
  const seen = () => logs.filter(({ msg }) => msg.includes('only regular files are read'))
  await unlink(bench.path('pipe.log'))
  await writeFile(bench.path('pipe.log'), 'a file now\n')
  await until('what replaced the pipe', () => intake.texts().includes('a file now'))
  // Whichever is looked at first.
  expect(seen()).toHaveLength(2)
  expect(new Set(seen().map(({ path }) => path))).toEqual(
    new Set([bench.path('pipe.log'), bench.path('socket.log')]),
  )
  server.close()
})
