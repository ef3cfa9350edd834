import { execFileSync } from 'node:child_process'
import { constants, existsSync } from 'node:fs'
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { classifyFileError } from '../../../src/sinks/file/classify.ts'
import { fileSinkConfig } from '../../../src/sinks/file/config.ts'
import { createFileSink } from '../../../src/sinks/file/index.ts'
import { origin } from '../../delivery/memory-journal.ts'
import { range } from '../../delivery/scripted-sink.ts'
import { batchOfMany, linesOf } from '../batches.ts'
import { sinkContract } from '../contract.ts'

/** Node makes no named pipes. */
const pipeMaker = 'mkfifo'

const never = new AbortController().signal

function fileSink(path: string, options: Record<string, unknown> = {}, clock = { now: () => Date.now() }) {
  const config = fileSinkConfig.parse({ type: 'file', path, ...options })
  return createFileSink({ name: 'local', config, clock })
}

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-file-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

async function linesIn(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1)
}

// The file is a link, so that the destination can become a full disk, a directory, or a pipe that nobody reads.
sinkContract('file', {
  // Appending is done or not by the time anybody could stop it; there is nothing between to be stuck in.
  impossible: ['stuck'],
  reset: 'accepted',
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'affiant-file-'))
    const real = join(directory, 'real.ndjson')
    const link = join(directory, 'events.ndjson')
    const pipe = join(directory, 'pipe')
    let drained: Promise<string> | undefined
    await writeFile(real, '')
    await symlink(real, link)
    const sink = fileSink(link)
    const point = async (target: string) => {
      await unlink(link).catch(() => undefined)
      await symlink(target, link)
    }
    return {
      sink,
      async become(fault) {
        if (fault === 'passing') await point('/dev/full')
        if (fault === 'permanent') await point(directory)
        if (fault === 'reset') await unlink(link)
        if (fault === 'partial') {
          // A crash in the middle of a write: half a line, and then the next start.
          await sink.stop()
          await appendFile(
            real,
            linesOf(batchOfMany(2000, { extra: 500 }))
              .slice(0, 3)
              .join('\n')
              .slice(0, -20),
          )
          await sink.start()
          await point('/dev/full')
        }
        if (fault === 'slow') {
          execFileSync(pipeMaker, [pipe])
          // Opened for both directions, so that opening waits for nobody.
          const reader = await open(pipe, constants.O_RDWR)
          await point(pipe)
          drained = readSlowly(reader, linesOf(batchOfMany(2000, { extra: 500 })).join('\n').length + 1)
        }
      },
      heal: () => point(real),
      received: async () =>
        drained === undefined ? linesIn(link) : (await drained).split('\n').slice(0, -1),
      close: () => rm(directory, { recursive: true }),
    }
  },
})

async function readSlowly(handle: Awaited<ReturnType<typeof open>>, bytes: number): Promise<string> {
  const chunks: Buffer[] = []
  for (let left = bytes; left > 0; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(16 * 1024))
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await handle.close()
  return Buffer.concat(chunks).toString()
}

describe('file sink', () => {
  test('missing directories are made', async () => {
    const path = join(await temporary(), 'a', 'b', 'events.ndjson')
    const sink = fileSink(path)
    await sink.start()
    await sink.deliver(batchOfMany(2), never)
    await sink.stop()
    expect(await linesIn(path)).toEqual(linesOf(batchOfMany(2)))
  })

  test('batches that come at once are appended one after the other', async () => {
    const path = join(await temporary(), 'events.ndjson')
    const sink = fileSink(path)
    await sink.start()
    const batches = Array.from({ length: 20 }, (_, index) =>
      batchOfMany(100, { firstSeq: index * 100, extra: 1000 }),
    )
    await Promise.all(batches.map((batch) => sink.deliver(batch, never)))
    await sink.stop()
    expect(await linesIn(path)).toEqual(batches.flatMap(linesOf))
  })

  test('rotation keeps whole batches, in order, and only as many files as it should', async () => {
    const directory = await temporary()
    const path = join(directory, 'events.ndjson')
    const sink = fileSink(path, { rotate: { max_size: '2KiB', keep: 3 } })
    await sink.start()
    const batches = Array.from({ length: 12 }, (_, index) => batchOfMany(10, { firstSeq: index * 10 }))
    for (const batch of batches) expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    await sink.stop()
    const names = ['events.ndjson', 'events.ndjson.1', 'events.ndjson.2', 'events.ndjson.3']
    expect((await readdir(directory)).toSorted((a, b) => a.localeCompare(b))).toEqual(names)
    const kept = await Promise.all(names.toReversed().map((name) => linesIn(join(directory, name))))
    for (const lines of kept) expect(lines.join('\n').length).toBeLessThan(2048)
    const all = batches.flatMap(linesOf)
    expect(kept.flat()).toEqual(all.slice(-kept.flat().length))
    expect(kept.flat().length).toBeGreaterThanOrEqual(60)
  })

  test.each([
    ['1h', '2026-11-24T09:59:59.999Z', '2026-11-24T10:00:00.000Z'],
    ['1d', '2026-11-24T23:59:59.999Z', '2026-11-25T00:00:00.000Z'],
  ])('a file of %s ends with the hour or day, in UTC', async (every, last, next) => {
    const path = join(await temporary(), 'events.ndjson')
    const clock = { now: () => time }
    let time = Date.parse(last) - 60_000
    const sink = fileSink(path, { rotate: { every } }, clock)
    await sink.start()
    await sink.deliver(batchOfMany(2), never)
    time = Date.parse(last)
    await sink.deliver(batchOfMany(2, { firstSeq: 2 }), never)
    time = Date.parse(next)
    await sink.deliver(batchOfMany(1, { firstSeq: 4 }), never)
    // Set back for a moment: nothing is renamed for that.
    time = Date.parse(last)
    await sink.deliver(batchOfMany(1, { firstSeq: 5 }), never)
    time = Date.parse(next)
    await sink.deliver(batchOfMany(1, { firstSeq: 6 }), never)
    await sink.stop()
    expect(await linesIn(`${path}.1`)).toEqual(linesOf(batchOfMany(4)))
    expect(await linesIn(path)).toEqual(linesOf(batchOfMany(3, { firstSeq: 4 })))
    expect(existsSync(`${path}.2`)).toBe(false)
  })

  test.each(['', '{"action":"torn'])(
    'what was written an hour ago stays in its file over a restart, also one in the middle of %o',
    async (torn) => {
      const path = join(await temporary(), 'events.ndjson')
      const before = linesOf(batchOfMany(2))
      await writeFile(path, `${before.join('\n')}\n${torn}`)
      const then = new Date('2020-11-24T09:30:00Z')
      await utimes(path, then, then)
      // Two starts: the first one repairs, and ends before anything is sent.
      await using stack = new AsyncDisposableStack()
      for (const minute of ['09:40', '10:01']) {
        const now = () => Date.parse(`2020-11-24T${minute}:00Z`)
        const sink = fileSink(path, { rotate: { every: '1h' } }, { now })
        await sink.start()
        stack.defer(() => sink.stop())
        if (minute === '10:01') await sink.deliver(batchOfMany(1, { firstSeq: 2 }), never)
      }
      expect(await linesIn(`${path}.1`)).toEqual(before)
      expect(await linesIn(path)).toEqual(linesOf(batchOfMany(1, { firstSeq: 2 })))
    },
  )

  test('a batch larger than the limit gets a file of its own', async () => {
    const path = join(await temporary(), 'events.ndjson')
    const sink = fileSink(path, { rotate: { max_size: '1KiB', keep: 5 } })
    await sink.start()
    for (const firstSeq of [0, 100]) await sink.deliver(batchOfMany(100, { firstSeq }), never)
    await sink.stop()
    expect(await linesIn(path)).toEqual(linesOf(batchOfMany(100, { firstSeq: 100 })))
    expect(await linesIn(`${path}.1`)).toEqual(linesOf(batchOfMany(100)))
  })

  test('somebody else rotates: the sink follows to the new file', async () => {
    const path = join(await temporary(), 'events.ndjson')
    const sink = fileSink(path)
    await sink.start()
    await sink.deliver(batchOfMany(1), never)
    await rename(path, `${path}.old`)
    await sink.deliver(batchOfMany(1, { firstSeq: 1 }), never)
    await sink.stop()
    expect(await linesIn(`${path}.old`)).toEqual(linesOf(batchOfMany(1)))
    expect(await linesIn(path)).toEqual(linesOf(batchOfMany(1, { firstSeq: 1 })))
  })

  test.each([1, 5, 12, 700, 70_000])(
    'a torn line of ours is cut off at the start: %i bytes',
    async (bytes) => {
      const path = join(await temporary(), 'events.ndjson')
      const whole = linesOf(batchOfMany(2)).map((line) => `${line}\n`)
      const [torn] = linesOf(batchOfMany(1, { extra: 100_000 }))
      await writeFile(path, whole.join('') + torn!.slice(0, bytes))
      const sink = fileSink(path)
      await sink.start()
      await sink.deliver(batchOfMany(1, { firstSeq: 2 }), never)
      await sink.stop()
      expect(await linesIn(path)).toEqual([
        ...linesOf(batchOfMany(2)),
        ...linesOf(batchOfMany(1, { firstSeq: 2 })),
      ])
    },
  )

  test("a line that is not ours is ended, not cut off: the path may be somebody else's file", async () => {
    const path = join(await temporary(), 'notes.txt')
    await writeFile(path, 'first\nno newline at the end')
    const sink = fileSink(path)
    await sink.start()
    await sink.deliver(batchOfMany(1), never)
    await sink.stop()
    expect(await linesIn(path)).toEqual(['first', 'no newline at the end', ...linesOf(batchOfMany(1))])
  })

  test('a directory in place of the file stops the start', async () => {
    const path = join(await temporary(), 'events.ndjson')
    await mkdir(path)
    await expect(fileSink(path).start()).rejects.toMatchObject({ code: 'config_invalid' })
  })

  test('a missing mount does not stop the start: the sink is held until it is there', async () => {
    const directory = await temporary()
    const mount = join(directory, 'mount')
    await writeFile(mount, '')
    const sink = fileSink(join(mount, 'events.ndjson'))
    await sink.start()
    expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('held')
    await rm(mount)
    expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
    await sink.stop()
  })

  test.skipIf(!existsSync('/proc/self'))(
    'a path where nobody can make a directory does not stop the start',
    async () => {
      const sink = fileSink('/proc/nope/events.ndjson')
      await sink.start()
      expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('held')
      await sink.stop()
    },
  )
})

describe('after a kill, when the cursor is behind', () => {
  /** Events 0 to 99 were appended; from 40 on nobody knows. Then they come again, and 20 more. */
  async function again(path: string, options: Record<string, unknown> = {}, extra = 0) {
    const sink = fileSink(path, options)
    await sink.start()
    await sink.resume?.({ origin, from: 40 })
    for (const firstSeq of [40, 70, 100]) {
      const batch = batchOfMany(firstSeq === 100 ? 20 : 30, { firstSeq, extra })
      expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    }
    await sink.stop()
  }

  async function killed(options: Record<string, unknown> = {}, extra = 0): Promise<string> {
    const path = join(await temporary(), 'events.ndjson')
    const sink = fileSink(path, options)
    await sink.start()
    for (const firstSeq of [0, 25, 50, 75]) {
      await sink.deliver(batchOfMany(25, { firstSeq, extra }), never)
    }
    // Never stopped; its descriptor goes with this process.
    onTestFinished(() => sink.stop())
    return path
  }

  test.each([
    ['lines', 0],
    ['lines of several chunks', 100_000],
  ])('%s that are there are not appended again', async (_, extra) => {
    const path = await killed({}, extra)
    await again(path, {}, extra)
    const expected = linesOf(batchOfMany(120, { extra }))
    expect((await linesIn(path)).map((line) => expected.indexOf(line))).toEqual(range(0, 120))
  })

  test('nor those in the file that was renamed last', async () => {
    const rotate = { rotate: { max_size: `${linesOf(batchOfMany(80)).join('\n').length}B`, keep: 3 } }
    const path = await killed(rotate)
    await again(path, rotate)
    const lines = [...(await linesIn(`${path}.1`)), ...(await linesIn(path))]
    expect(lines).toEqual(linesOf(batchOfMany(120)))
  })

  test('a line that is not whole, and one of another journal, stand for none', async () => {
    const path = await killed()
    const lines = linesOf(batchOfMany(120))
    const damaged = lines[60]!.replace('test.event', 'test.evil')
    const foreign = lines[61]!.replace(origin, 'affiant/other/1')
    const content = await readFile(path, 'utf8')
    expect([damaged, foreign]).not.toEqual(lines.slice(60, 62))
    await writeFile(path, content.replace(lines[60]!, damaged).replace(lines[61]!, foreign))
    await again(path)
    expect((await linesIn(path)).slice(100)).toEqual([...lines.slice(60, 62), ...lines.slice(100)])
  })

  test('each stands for one event, once; and what is sent again on purpose is', async () => {
    const path = await killed()
    const sink = fileSink(path)
    await sink.start()
    await sink.deliver(batchOfMany(100), never)
    expect(await linesIn(path)).toHaveLength(200)
    await sink.resume?.({ origin, from: 0 })
    await sink.deliver(batchOfMany(100), never)
    expect(await linesIn(path)).toHaveLength(200)
    await sink.deliver(batchOfMany(100), never)
    expect(await linesIn(path)).toHaveLength(300)
    await sink.stop()
  })
})

test.each([
  ['ENOSPC', 'later'],
  ['EDQUOT', 'later'],
  ['EIO', 'later'],
  ['EMFILE', 'later'],
  ['ESTALE', 'later'],
  [undefined, 'later'],
  ['EACCES', 'held'],
  ['EPERM', 'held'],
  ['EROFS', 'held'],
  ['ENOENT', 'held'],
  ['ENOTDIR', 'held'],
  ['EISDIR', 'held'],
] as const)('%s is %s', (code, kind) => {
  expect(classifyFileError(code, 'why')).toEqual({ kind, reason: 'why' })
})
