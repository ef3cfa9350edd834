/** What a rotation makes of a file (a truncated original and its copy, a gzip file) is read once, and none of it is missed. */
import { appendFile, copyFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { throughout, until } from '../receivers/until.ts'

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`)
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

test('truncated to the same head and grown past the old position: noticed by its content (failure 4)', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, `header\n${text(numbered(0, 20))}`)
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await writeFile(path, `header\n${text(numbered(100, 150))}`)
  await until('all', () => intake.texts().length === 72)
  expect(intake.texts()).toEqual(['header', ...numbered(0, 20), 'header', ...numbered(100, 150)])
  expect(intake.opened.map(({ metadata }) => metadata.generation)).toEqual([0, 1])
})

test('so it is after a restart, by what the journal has of the bytes before the position (failure 4)', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, `header\n${text(numbered(0, 20))}`)
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await writeFile(path, `header\n${text(numbered(100, 150))}`)
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['header', ...numbered(0, 20), 'header', ...numbered(100, 150)])
  expect(intake.notes.map(({ metadata }) => metadata)).toEqual([
    { path, reason: 'truncated', from: 157, to: null, certain: false },
  ])
  await second.receiver.stop()
  const third = await bench.start({ intake, known: intake.known() })
  await third.receiver.caughtUp
  expect(intake.notes).toHaveLength(1)
  expect(intake.texts()).toHaveLength(72)
})

test('truncated with unread bytes and no copy: the range is an event, once', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, text(numbered(0, 10)))
  const options = { chunkSize: 64, maxInFlight: 64 }
  const { receiver, intake } = await bench.start(options)
  await receiver.caughtUp
  intake.press()
  await appendFile(path, text(numbered(10, 200)))
  await until('seen', () => (receiver.status()[0]?.read ?? 0) > 70)
  await throughout('quiet', 400, () => true)
  await truncate(path)
  await appendFile(path, 'anew\n')
  intake.relieve()
  await until('anew', () => intake.texts().includes('anew'))
  const [gap] = intake.notes
  const read = intake.texts().length - 1
  const size = text(numbered(0, 200)).length
  expect(intake.texts()).toEqual([...numbered(0, read), 'anew'])
  expect(gap?.metadata).toEqual({
    path,
    reason: 'truncated',
    from: text(numbered(0, read)).length,
    to: size,
    certain: true,
  })
  expect(intake.notes).toHaveLength(1)
})

test('read to its end and quiet, then truncated: nothing was lost, and nothing is said', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, text(numbered(0, 10)))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await throughout('quiet', 500, () => true)
  await truncate(path)
  await appendFile(path, 'anew\n')
  await until('anew', () => intake.texts().includes('anew'))
  expect(intake.notes).toEqual([])
})

for (const include of ['audit.log', 'audit.log*']) {
  test(`copytruncate: what was not read is read from the copy, the rest not again (include ${include}, failure 4)`, async () => {
    await using bench = await Bench.create()
    const path = bench.path('audit.log')
    await writeFile(path, text(numbered(0, 100)))
    const options = { include: [include], chunkSize: 256, maxInFlight: 256, holdFor: 20_000 }
    const { receiver, intake } = await bench.start(options)
    await receiver.caughtUp
    intake.press()
    await appendFile(path, text(numbered(100, 300)))
    await throughout('quiet', 400, () => true)
    await copyFile(path, bench.path('audit.log.1'))
    await truncate(path)
    await appendFile(path, text(numbered(300, 350)))
    intake.relieve()
    await until(
      'all',
      () => intake.texts().length >= 350,
      () => intake.texts().length,
    )
    await throughout('once', 300, () => intake.texts().length === 350)
    expect(intake.texts()).toEqual(numbered(0, 350))
    expect(intake.notes).toEqual([])
    expect(intake.opened).toHaveLength(2)
    // Nor after a restart, whatever the copy is called by then.
    await receiver.stop()
    await rename(bench.path('audit.log.1'), bench.path('audit.log.2'))
    const second = await bench.start({ ...options, intake, known: intake.known() })
    await second.receiver.caughtUp
    expect(intake.texts()).toHaveLength(350)
  })
}

test('copytruncate while the agent was away: the copy has the rest', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, text(numbered(0, 100)))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await appendFile(path, text(numbered(100, 200)))
  await copyFile(path, bench.path('audit.log-20261123'))
  await truncate(path)
  await appendFile(path, text(numbered(200, 250)))
  const second = await bench.start({ intake, known: intake.known() })
  await until('all', () => intake.texts().length >= 250)
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(numbered(0, 250))
  expect(intake.notes).toEqual([])
})

test('two files with the same head are both read, also when they are wholly the same (failure 7)', async () => {
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

test('rotate and gzip: what was read is not read again, the rest is (failure 6)', async () => {
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
