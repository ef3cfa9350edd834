/** Files that moved while nobody looked: whatever was written to them is read, in order, exactly once. */
import { renameSync, writeFileSync } from 'node:fs'
import {
  appendFile,
  mkdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { Bench, type StartOptions } from '../receivers/file/harness.ts'
import { Kubelet } from '../receivers/file/kubelet.ts'
import type { MemoryIntake } from '../receivers/memory-intake.ts'
import { throughout, until } from '../receivers/until.ts'

/** Times of a file system go in ticks of a few milliseconds. */
const tick = () => throughout('a tick', 12, () => true)
/** What was there before an agent is told from what came then by more than that. */
const longer = () => throughout('longer', 40, () => true)

async function reads(intake: MemoryIntake, lines: readonly string[]): Promise<void> {
  await until(
    'all',
    () => intake.texts().length >= lines.length,
    () => intake.texts(),
  )
  await throughout('no more', 20, () => intake.texts().length === lines.length)
  expect(intake.texts()).toEqual(lines)
}

/** Reads what is there, is away while `meanwhile` happens, and starts again. */
async function away(bench: Bench, options: StartOptions, meanwhile: () => Promise<void>) {
  const first = await bench.start(options)
  await first.receiver.caughtUp
  await first.receiver.stop()
  const ranUntil = Date.now()
  await tick()
  await meanwhile()
  const { intake } = first
  return await bench.start({ ...options, intake, known: intake.known(), ranUntil })
}

describe.concurrent('links to files that are rotated where they lie, as of containers', () => {
  test.each([1, 8])('%i rotations while the agent was away', async (rotations) => {
    await using bench = await Bench.create()
    const kubelet = new Kubelet(bench)
    kubelet.write(3)
    const { intake } = await away(bench, { include: [kubelet.include] }, async () => {
      for (let rotation = 0; rotation < rotations; rotation += 1) {
        kubelet.write(2)
        await tick()
        kubelet.rotate()
        await tick()
      }
      kubelet.write(2)
    })
    await reads(intake, kubelet.written)
    expect(intake.notes).toEqual([])
  })

  test.each([
    [1, 'in a row'],
    [8, 'in a row'],
    [8, 'while it looks'],
  ])('%i rotations %s while it runs, and again', async (rotations, when) => {
    await using bench = await Bench.create()
    const kubelet = new Kubelet(bench)
    kubelet.write(3)
    const { intake, receiver } = await bench.start({ include: [kubelet.include] })
    await receiver.caughtUp
    for (let burst = 0; burst < 2; burst += 1) {
      for (let rotation = 0; rotation < rotations; rotation += 1) {
        kubelet.write(5)
        kubelet.rotate()
        if (when === 'while it looks') await setImmediate()
      }
      kubelet.write(5)
      await reads(intake, kubelet.written)
    }
    expect(intake.notes.filter(({ action }) => action === 'affiant.stream.gap')).toEqual([])
  })

  test('rotations and restarts of the container while the agent was away', async () => {
    await using bench = await Bench.create()
    const kubelet = new Kubelet(bench)
    kubelet.write(3)
    const { intake } = await away(bench, { include: [kubelet.include] }, async () => {
      for (let restart = 0; restart < 3; restart += 1) {
        kubelet.write(2)
        kubelet.rotate()
        await tick()
        kubelet.write(2)
        kubelet.restart()
        await tick()
      }
      kubelet.write(1)
    })
    await reads(intake, kubelet.written)
    expect(intake.notes).toEqual([])
  })

  test('again and again, with the journal full at each stop, so that several generations are unread', async () => {
    await using bench = await Bench.create()
    const kubelet = new Kubelet(bench)
    kubelet.write(3)
    const options = { include: [kubelet.include] }
    let { intake, receiver } = await bench.start(options)
    await receiver.caughtUp
    for (let stop = 0; stop < 3; stop += 1) {
      intake.press()
      for (let rotation = 0; rotation < 2; rotation += 1) {
        kubelet.write(2)
        kubelet.rotate()
        await tick()
      }
      kubelet.write(1)
      await receiver.stop()
      intake.relieve()
      const ranUntil = Date.now()
      kubelet.write(1)
      if (stop === 1) kubelet.restart()
      else kubelet.rotate()
      kubelet.write(1)
      ;({ receiver } = await bench.start({ ...options, intake, known: intake.known(), ranUntil }))
      await until(
        'all',
        () => intake.texts().length >= kubelet.written.length,
        () => intake.texts(),
      )
    }
    await throughout('no more', 20, () => intake.texts().length === kubelet.written.length)
    expect(new Set(intake.texts())).toEqual(new Set(kubelet.written))
    expect(intake.notes.filter(({ action }) => action === 'affiant.stream.gap')).toEqual([])
  })

  test('rotations and a restart of the container while it runs', async () => {
    await using bench = await Bench.create()
    const kubelet = new Kubelet(bench)
    kubelet.write(3)
    const { intake, receiver } = await bench.start({ include: [kubelet.include] })
    await receiver.caughtUp
    for (let restart = 0; restart < 3; restart += 1) {
      kubelet.write(2)
      kubelet.rotate()
      kubelet.write(2)
      kubelet.restart()
    }
    kubelet.write(1)
    await reads(intake, kubelet.written)
  })
})

describe.concurrent('names that nobody had met with a whole line', () => {
  test('a file without one at the stop, then filled and rotated, twice', async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    await writeFile(path, 'no newl')
    await writeFile(bench.path('app.log.7'), 'ancient\n')
    await writeFile(bench.path('other.log'), 'other\n')
    await longer()
    const { intake } = await away(bench, { include: ['app.log', 'other.log'] }, async () => {
      await appendFile(path, 'ine yet\n')
      await tick()
      await rename(path, bench.path('app.log.1'))
      await writeFile(path, 'between\n')
      await tick()
      await rename(bench.path('app.log.1'), bench.path('app.log.2'))
      await rename(path, bench.path('app.log.1'))
      await writeFile(path, 'present\n')
    })
    await reads(intake, ['other', 'no newline yet', 'between', 'present'])
  })

  test('the only file there is: nothing else tells when the agent ran', async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    await writeFile(path, '')
    const { intake } = await away(bench, { include: ['app.log'] }, async () => {
      await appendFile(path, 'one\n')
      await tick()
      await rename(path, bench.path('app.log.1'))
      await writeFile(path, 'two\n')
    })
    await reads(intake, ['one', 'two'])
  })

  test('rotated while the agent was away, and its name taken again only when it ran', async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    await writeFile(path, '')
    const { intake } = await away(bench, { include: ['app.log'] }, async () => {
      await appendFile(path, 'one\n')
      await tick()
      await rename(path, bench.path('app.log.1'))
    })
    await writeFile(path, 'two\n')
    await reads(intake, ['one', 'two'])
  })

  test.each(['nothing yet', 'the next line'])(
    'copied and truncated right before the agent ended, which has read %s behind it',
    async (behind) => {
      await using bench = await Bench.create()
      const path = bench.path('app.log')
      await writeFile(path, 'zero\n')
      const options = { include: ['app.log'] }
      const { intake, receiver } = await bench.start(options)
      await receiver.caughtUp
      await truncate(path)
      await until('the truncation', () => receiver.status()[0]?.stream === null)
      const more = behind === 'nothing yet' ? [] : ['two']
      for (const line of more) await appendFile(path, `${line}\n`)
      await reads(intake, ['zero', ...more])
      await receiver.stop()
      // As if that had happened just before the stop: nobody can tell.
      await writeFile(bench.path('app.log.1'), 'one\n')
      await longer()
      await bench.start({ ...options, intake, known: intake.known(), ranUntil: Date.now() })
      await reads(intake, ['zero', ...more, 'one'])
      await appendFile(path, 'three\n')
      await reads(intake, ['zero', ...more, 'one', 'three'])
    },
  )
  test('there at the start, written to and renamed before it was opened', async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    await writeFile(bench.path('other.log'), 'zero\n')
    let startedAt = 0
    // What is at a name when it is listed is another matter than what is there when it is opened. Here the start lies before that.
    const clock: Clock = { ...systemClock, now: () => (startedAt === 0 ? Date.now() : startedAt) }
    const options = { include: ['app.log', 'other.log'], clock }
    const { intake } = await away(bench, options, async () => {
      await writeFile(path, 'one\n')
      await longer()
      startedAt = Date.now()
      await longer()
      await appendFile(path, 'two\n')
      await rename(path, bench.path('app.log.1'))
      await writeFile(path, 'three\n')
    })
    await reads(intake, ['zero', 'one', 'two', 'three'])
  })

  test.each([false, true])(
    'the stream of its name had ended, and nothing has that at the start (compressed: %s)',
    async (compressed) => {
      await using bench = await Bench.create()
      const path = bench.path('app.log')
      await writeFile(path, 'zero\n')
      const options = { include: ['app.log'] }
      const before = await bench.start(options)
      const { intake } = before
      await before.receiver.caughtUp
      await rm(path)
      await until('its end', () => intake.notes.some(({ action }) => action === 'affiant.stream.closed'))
      await before.receiver.stop()
      const ranUntil = Date.now()
      await longer()
      await writeFile(path, 'one\n')
      await rename(path, bench.path('app.log.1'))
      if (compressed) {
        const { atime, mtime } = await stat(bench.path('app.log.1'))
        await writeFile(bench.path('app.log.1.gz'), gzipSync('one\n'))
        await utimes(bench.path('app.log.1.gz'), atime, mtime)
        await rm(bench.path('app.log.1'))
      }
      await bench.start({ ...options, intake, known: intake.known(), ranUntil })
      await reads(intake, ['zero', 'one'])
      await writeFile(path, 'two\n')
      await reads(intake, ['zero', 'one', 'two'])
      expect(intake.notes.filter(({ action }) => action === 'affiant.stream.gap')).toEqual([])
    },
  )

  test.each(['notify', 'poll'])('%s: rotated before its name was ever seen', async (watch) => {
    await using bench = await Bench.create()
    await mkdir(bench.path('ready'))
    // Rotations from before the agent ran are left alone.
    await writeFile(bench.path('ready/app.log.5'), 'ancient\n')
    await longer()
    const { intake } = await bench.start({
      include: ['ready/app.log', 'new/**/app.log'],
      more: { watch, poll: '50ms' },
    })
    const written: string[] = []
    for (const directory of watch === 'poll' ? ['new/deep'] : ['ready', 'new/deep']) {
      await mkdir(bench.path(directory), { recursive: true })
      const path = bench.path(`${directory}/app.log`)
      for (const generation of [3, 2, 1]) {
        writeFileSync(path, `${directory} ${generation}\n`)
        renameSync(path, `${path}.${generation}`)
        written.push(`${directory} ${generation}`)
        await tick()
      }
      writeFileSync(path, `${directory} 0\n`)
      written.push(`${directory} 0`)
      await until(
        directory,
        () => intake.texts().length >= written.length,
        () => intake.texts(),
      )
    }
    await reads(intake, written)
  })
})

describe.concurrent('ignore_older: an old file that changes and moves', () => {
  const longAgo = new Date(Date.now() - 48 * 3_600_000)
  const options = { include: ['app.log'], more: { ignore_older: '24h' } }

  async function old(bench: Bench): Promise<string> {
    const path = bench.path('app.log')
    await writeFile(path, 'old\n')
    await utimes(path, longAgo, longAgo)
    return path
  }

  test.each(['before', 'after'])('in one moment, written to %s the rotation', async (when) => {
    await using bench = await Bench.create()
    const path = await old(bench)
    const { intake } = await bench.start(options)
    if (when === 'before') await appendFile(path, 'new\n')
    renameSync(path, `${path}.1`)
    writeFileSync(path, 'next\n')
    if (when === 'before') return await reads(intake, ['old', 'new', 'next'])
    await reads(intake, ['next'])
    await appendFile(`${path}.1`, 'new\n')
    await reads(intake, ['next', 'old', 'new'])
  })

  test('rotated as it is, it is left alone', async () => {
    await using bench = await Bench.create()
    const path = await old(bench)
    const { intake } = await bench.start(options)
    renameSync(path, `${path}.1`)
    writeFileSync(path, 'next\n')
    await reads(intake, ['next'])
  })

  test('while the agent was away', async () => {
    await using bench = await Bench.create()
    const path = await old(bench)
    const { intake } = await away(bench, options, async () => {
      await appendFile(path, 'new\n')
      await tick()
      await rename(path, `${path}.1`)
      await writeFile(path, 'next\n')
    })
    await reads(intake, ['old', 'new', 'next'])
  })
})

describe.concurrent('numbers and dates before the extension', () => {
  const shifted = (generation: number) => `app.${generation}.log`
  const dated = (generation: number) => `app-2026112${9 - generation}.log`
  const timed = (generation: number) => `app-2026-11-2${9 - generation}T10-00-00.000.log`
  const zipped = (generation: number) => `app-2026112${9 - generation}.log.gz`

  test.each([
    ['app.1.log', shifted],
    ['app-20261122.log', dated],
    ['app-2026-11-22T10-00-00.000.log', timed],
    ['app-20261122.log.gz', zipped],
  ])('%s: three rotations while the agent was away', async (_, name) => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    await writeFile(path, 'zero\n')
    const { intake } = await away(bench, { include: ['app.log'] }, async () => {
      await appendFile(path, 'one\n')
      for (const [generation, line] of [
        [3, 'two'],
        [2, 'three'],
        [1, 'four'],
      ] as const) {
        await tick()
        await rename(path, bench.path(name(generation)))
        if (name === zipped) {
          const times = new Date()
          await writeFile(
            bench.path(name(generation)),
            gzipSync(await readFile(bench.path(name(generation)))),
          )
          await utimes(bench.path(name(generation)), times, times)
        }
        await writeFile(path, `${line}\n`)
      }
    })
    await reads(intake, ['zero', 'one', 'two', 'three', 'four'])
    expect(intake.notes).toEqual([])
  })

  test("another program's file with a number is not taken for a rotation", async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    await writeFile(path, 'zero\n')
    const { intake } = await away(bench, { include: ['app.log'] }, async () => {
      await writeFile(bench.path('app-2.log'), 'foreign\n')
      await rename(path, bench.path('app.1.log'))
      await writeFile(path, 'one\n')
      await tick()
      await appendFile(bench.path('app-2.log'), 'foreign\n')
    })
    await reads(intake, ['zero', 'one'])
  })
})

test.concurrent('a file name that is no valid UTF-8 is told of, once, and how to have it read', async () => {
  await using bench = await Bench.create()
  const raw = (name: string) =>
    Buffer.concat([Buffer.from(`${bench.directory}/`), Buffer.from(name, 'latin1')])
  await mkdir(bench.path('deep'))
  await mkdir(raw('d\xef'))
  await writeFile(raw('d\xef/a.log'), 'not read\n')
  await writeFile(raw('caf\xe9.log'), 'not read\n')
  await writeFile(raw('deep/caf\xe9.log'), 'not read\n')
  await writeFile(bench.path('real \ufffd.log'), 'read\n')
  const { intake, logs } = await bench.start({ include: ['*.log', '*/*.log'] })
  const told = () => logs.filter(({ msg }) => msg.includes('UTF-8')).map(({ path }) => path)
  await reads(intake, ['read'])
  await writeFile(raw('na\xefve.log'), 'not read\n')
  await until('the later one', () => told().length === 4, told)
  await appendFile(raw('na\xefve.log'), 'nor this\n')
  await throughout('once each', 250, () => told().length === 4)
  const names = ['caf\\xe9.log', 'd\\xef', 'deep/caf\\xe9.log', 'na\\xefve.log']
  expect(new Set(told())).toEqual(new Set(names.map((name) => bench.path(name))))
  for (const name of ['caf\xe9.log', 'deep/caf\xe9.log', 'na\xefve.log', 'd\xef/a.log']) await rm(raw(name))
  await rmdir(raw('d\xef'))
})

test('every name moves on with each rotation, two rotations at a time, faster than anyone hears of it', async () => {
  await using bench = await Bench.create()
  const path = bench.path('app.log')
  const { intake } = await bench.start({ include: ['app.log'] })
  const written: string[] = []
  const write = () => {
    written.push(`line ${written.length}`)
    writeFileSync(path, `${written.at(-1)}\n`)
  }
  let rotated = 0
  const rotate = () => {
    for (let number = rotated; number > 0; number -= 1) {
      renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    }
    renameSync(path, `${path}.1`)
    rotated += 1
  }
  write()
  for (let round = 0; round < 20; round += 1) {
    await until('all so far', () => intake.texts().length >= written.length)
    // The second of these files has a name that, as far as anyone knows, another one has.
    for (let times = 0; times < 3; times += 1) {
      rotate()
      write()
      if (times < 2) await tick()
    }
  }
  await until(
    'all',
    () => intake.texts().length >= written.length,
    () => written.filter((line) => !intake.texts().includes(line)),
  )
  expect(intake.texts()).toEqual(written)
  expect(intake.notes).toEqual([])
})
