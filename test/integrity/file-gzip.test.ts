/** Compressed files as input of their own: read once, read on, and what is damaged is said. */
import { appendFileSync, copyFileSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { appendFile, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeDescriptor, encodeDescriptor } from '../../src/receivers/file/identity/descriptor.ts'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { throughout, until } from '../receivers/until.ts'

test('a gzip file that is no copy is an input of its own, and is read on after a restart', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('old.log.gz'), gzipSync(`${text(numbered(0, 500))}no newline`))
  const options = { include: ['*.gz'], chunkSize: 512 }
  const { receiver, intake } = await bench.start(options)
  await until('some', () => intake.texts().length > 100)
  intake.press()
  await receiver.stop()
  intake.relieve()
  const second = await bench.start({ ...options, intake, known: intake.known() })
  await until(
    'all',
    () => intake.texts().length >= 501,
    () => intake.texts().length,
  )
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual([...numbered(0, 500), 'no newline'])
  expect(intake.opened).toHaveLength(1)
  expect(intake.opened[0]?.metadata).toMatchObject({ compression: 'gzip' })
})

test('a file that is what a compressed one holds, which was read first, keeps nobody waiting', async () => {
  await using bench = await Bench.create()
  const lines = numbered(0, 30)
  await writeFile(bench.path('app.log.1.gz'), gzipSync(text(lines)))
  const include = ['*.log', '*.gz']
  const { receiver, intake } = await bench.start({ include })
  await receiver.caughtUp
  await receiver.stop()
  await writeFile(bench.path('app.log'), text(lines))
  const second = await bench.start({ include, intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(lines)
})

describe('a file that is held as what a compressed one holds, known from a run before, is read on', () => {
  const lines = numbered(0, 30)
  const more = numbered(30, 40)
  const whenIs = ['before the start', 'once caught up', 'after another restart', 'byte by byte'] as const

  test.each(whenIs.flatMap((when) => [when, `${when}, and the compressed one goes`] as const))(
    'appended to %s',
    async (when) => {
      await using bench = await Bench.create()
      const compressed = bench.path('app.log.1.gz')
      const app = bench.path('app.log')
      const include = ['*.log', '*.gz']
      await writeFile(compressed, gzipSync(text(lines)))
      const first = await bench.start({ include })
      const { intake } = first
      await first.receiver.caughtUp
      await first.receiver.stop()
      await writeFile(app, text(lines))
      if (when.startsWith('before')) await appendFile(app, text(more))
      const second = await bench.start({ include, intake, known: intake.known() })
      await second.receiver.caughtUp
      if (when.startsWith('after')) {
        await second.receiver.stop()
        await bench.start({ include, intake, known: intake.known() })
      }
      if (when.startsWith('byte')) for (const byte of text(more)) await appendFile(app, byte)
      else if (!when.startsWith('before')) await appendFile(app, text(more))
      if (when.endsWith('goes')) await rm(compressed)
      await until(
        'all',
        () => intake.texts().length >= 40,
        () => intake.texts().length,
      )
      await throughout('once', 100, () => intake.texts().length === 40)
      expect(intake.texts()).toEqual([...lines, ...more])
    },
  )
})

test('a damaged gzip file: what is before the damage is read, the rest is a gap, said once', async () => {
  await using bench = await Bench.create()
  const bytes = gzipSync(text(Array.from({ length: 20_000 }, (_, n) => `line ${n} ${Math.sin(n)}`)))
  const middle = Math.floor(bytes.length / 2)
  bytes.fill(0xff, middle, middle + 64)
  await writeFile(bench.path('old.log.gz'), bytes)
  await writeFile(
    bench.path('broken.log.gz'),
    Buffer.from([0x1f, 0x8b, 8, 0, 10, 10, 1, 2, 3, 0xff, 0xff, 0xff]),
  )
  const { receiver, intake } = await bench.start({ include: ['*.gz'] })
  await until('both', () => intake.notes.length === 2)
  expect(intake.texts().length).toBeGreaterThan(1_000)
  expect(intake.notes.map(({ metadata }) => metadata.reason)).toEqual(['corrupt', 'corrupt'])
  const read = intake.texts().length
  await receiver.stop()
  const second = await bench.start({ include: ['*.gz'], intake, known: intake.known() })
  await second.receiver.caughtUp
  await throughout('once', 300, () => intake.notes.length === 2 && intake.texts().length === read)
})

test.each([1, 100])(
  'a compressed file with the inode and the first line of a plain one that is gone is read as what it is (%i lines)',
  async (count) => {
    await using bench = await Bench.create()
    const include = ['app.log*']
    await writeFile(bench.path('app.log'), `header\n${text(numbered(0, 20))}`)
    const { receiver, intake } = await bench.start({ include })
    await receiver.caughtUp
    await receiver.stop()
    await rm(bench.path('app.log'))
    const more = numbered(1_000, 1_000 + count)
    await writeFile(bench.path('app.log.1.gz'), gzipSync(`header\n${text(more)}`))
    await writeFile(bench.path('app.log.1'), `header\n${text(more)}`)
    const { ino } = await stat(bench.path('app.log.1.gz'), { bigint: true })
    const known = intake.known().map((stream) => {
      const descriptor = decodeDescriptor(stream.descriptor) ?? expect.unreachable()
      return { ...stream, descriptor: encodeDescriptor({ ...descriptor, inode: String(ino) }) }
    })
    await bench.start({ include, intake, known })
    await until('the end of the other', () => intake.notes.length > 0)
    await rm(bench.path('app.log.1'))
    await until('all', () => intake.texts().length >= 22 + count)
    await throughout('once', 100, () => intake.texts().length === 22 + count)
    expect(intake.texts()).toEqual(['header', ...numbered(0, 20), 'header', ...more])
  },
)

describe('a file and what it was compressed to', () => {
  test('truncated while its copy is being compressed: the copy is the one that is whole', async () => {
    await using bench = await Bench.create()
    const path = bench.path('app.log')
    const include = ['app.log']
    await writeFile(path, text(numbered(0, 2_000)))
    const { receiver, intake } = await bench.start({ include })
    await receiver.caughtUp
    const compressed = gzipSync(text(numbered(0, 2_000)))
    const half = compressed.length >> 1
    copyFileSync(path, `${path}.1`)
    writeFileSync(`${path}.1.gz`, compressed.subarray(0, half))
    const later = Date.now() / 1_000 + 1
    utimesSync(`${path}.1.gz`, later, later)
    truncateSync(path)
    await until('the end', () =>
      receiver.status().some(({ path: at, stream }) => at === path && stream === null),
    )
    appendFileSync(`${path}.1.gz`, compressed.subarray(half))
    unlinkSync(`${path}.1`)
    await appendFile(path, 'next\n')
    await until('all', () => intake.texts().includes('next'))
    await throughout('once', 400, () => intake.texts().length === 2_001)
    expect(intake.texts()).toEqual([...numbered(0, 2_000), 'next'])
  })

  test('the compressed one is met as a stream first: what the other one holds is read once, and what it has more', async () => {
    await using bench = await Bench.create()
    const lines = numbered(0, 500)
    const original = bench.path('app.log.2')
    // Without a whole line it is no stream yet.
    await writeFile(original, 'line')
    await writeFile(bench.path('app.log.1.gz'), gzipSync(text(lines)))
    const { intake } = await bench.start({ include: ['app.log*'] })
    await until('the compressed one', () => intake.texts().length === 500)
    await writeFile(original, text(lines))
    await throughout('once', 400, () => intake.texts().length === 500)
    await appendFile(original, text(numbered(500, 600)))
    await until('more', () => intake.texts().length >= 600)
    await throughout('once', 200, () => intake.texts().length === 600)
    expect(intake.texts()).toEqual(numbered(0, 600))
    expect(intake.opened).toHaveLength(1)
  })

  test('it turns up while the end of what it was made from is on its way to the journal', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('app.log'), text(numbered(0, 200)))
    const { receiver, intake } = await bench.start({ include: ['app.log*'] })
    await receiver.caughtUp
    await receiver.stop()
    await rm(bench.path('app.log'))
    intake.hold()
    await bench.start({ include: ['app.log*'], intake, known: intake.known() })
    await writeFile(bench.path('app.log.1.gz'), gzipSync(text(numbered(0, 300))))
    await throughout('held', 100, () => intake.texts().length === 200)
    intake.relieve()
    await until('the rest', () => intake.texts().length >= 300)
    await throughout('once', 100, () => intake.texts().length === 300)
    expect(intake.texts()).toEqual(numbered(0, 300))
  })

  test('an incomplete one beside its original is no file of its own, however long it stays', async () => {
    await using bench = await Bench.create()
    const content = text(Array.from({ length: 2_000 }, (_, n) => `line ${n} ${Math.sin(n)}`))
    await writeFile(bench.path('app.log.1'), content)
    const { receiver, intake } = await bench.start({ include: ['app.log*'] })
    await receiver.caughtUp
    const compressed = gzipSync(content)
    await writeFile(bench.path('app.log.1.gz'), compressed.subarray(0, compressed.length / 2))
    await throughout('once', 900, () => intake.texts().length === 2_000)
    await receiver.stop()
    const again = await bench.start({ include: ['app.log*'], intake, known: intake.known() })
    await throughout('once after a restart', 400, () => intake.texts().length === 2_000)
    await writeFile(bench.path('app.log.1.gz'), compressed)
    await rm(bench.path('app.log.1'))
    await until('followed', () => again.receiver.status().every(({ path }) => path.endsWith('.gz')))
    await throughout('once when the original is gone', 200, () => intake.texts().length === 2_000)
  })

  test('the same in another directory is a file of its own, and the log says what it waits for', async () => {
    await using bench = await Bench.create()
    for (const name of ['a', 'b']) await mkdir(bench.path(name))
    const compressed = gzipSync(text(numbered(0, 100)))
    await writeFile(bench.path('a/app.log.1.gz'), compressed)
    const { receiver, intake, logs } = await bench.start({ include: ['*/app.log*'] })
    await receiver.caughtUp
    await writeFile(bench.path('b/app.log.1.gz'), compressed)
    await until('both', () => intake.texts().length === 200)
    const said = logs.filter(({ msg }) => msg.startsWith('the same as another file'))
    expect(said).toMatchObject([
      { path: bench.path('b/app.log.1.gz'), original: bench.path('a/app.log.1.gz') },
    ])
  })
})
