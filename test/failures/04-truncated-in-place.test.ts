/**
 * Elsewhere copytruncate ends the reading of a file, or what has grown past the old offset is skipped. Here truncation is
 * noticed at any moment by the content, not only by the size; what is gone for good is reported as an event.
 */
import { appendFile, copyFile, open, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { numbered, text } from '../receivers/file/numbered.ts'
import { throughout, until } from '../receivers/until.ts'
import { randomFrom, seed } from '../seed.ts'

test('truncated to the same head and grown past the old position: noticed by its content', async () => {
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

test('so it is after a restart, by what the journal has of the bytes before the position', async () => {
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

test.each(['while it runs', 'while the agent was away'])(
  'lines of one length that end alike, behind the same first line: truncated and written anew %s',
  async (when) => {
    await using bench = await Bench.create()
    const path = bench.path('audit.log')
    const line = (id: number) => `${id} `.padEnd(400, 'x')
    await writeFile(path, text(['header', line(1)]))
    const first = await bench.start()
    const { intake } = first
    await first.receiver.caughtUp
    const away = when === 'while the agent was away'
    if (away) await first.receiver.stop()
    await writeFile(path, text(['header', line(2), line(3)]))
    if (away) await bench.start({ intake, known: intake.known() })
    await until('all', () => intake.texts().includes(line(3)))
    expect(intake.texts()).toEqual(['header', line(1), 'header', line(2), line(3)])
  },
)

test('truncated to the same first line while away: read again from its beginning', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  await writeFile(path, 'header\none\ntwo\n')
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await receiver.stop()
  await writeFile(path, 'header\nx\n')
  const second = await bench.start({ intake, known: intake.known() })
  await second.receiver.caughtUp
  expect(intake.texts()).toEqual(['header', 'one', 'two', 'header', 'x'])
  // Two generations with one head: two streams, so that equal lines at equal places have two ids.
  expect(intake.opened.map(({ metadata }) => metadata.generation)).toEqual([0, 1])
  expect(new Set(intake.opened.map(({ stream }) => stream.id)).size).toBe(2)
  expect(intake.known().map(({ position }) => position.offset)).toEqual([15, 9])
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
  test(`copytruncate: what was not read is read from the copy, the rest not again (include ${include})`, async () => {
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

for (const [name, framing] of [
  ['lines as they are', {}],
  ['records of several lines', { multiline: { indented: true, timeout: '20ms' } }],
  ['a runtime found by its first line', { container: 'auto' }],
] as const) {
  test(`a writer that goes on at its old offset leaves a hole, and the line behind it is whole (${name})`, async () => {
    await using bench = await Bench.create()
    const path = bench.path('audit.log')
    const line = (n: number) =>
      'container' in framing ? `2026-11-23T07:58:33Z stdout F line ${n}` : `line ${n}`
    const writer = await open(path, 'w')
    await writer.write(`${line(0)}\n`)
    const { receiver, intake, logs } = await bench.start({ framing, max_record: '64KiB', chunkSize: 4096 })
    await receiver.caughtUp
    // What is in a chunk before a line is left to whoever splits it.
    const texts = () => intake.texts().map((text) => text.replace(/^\0+|.* F /g, ''))
    let written = 1
    // Shorter than a chunk, and longer than a record may be.
    for (const hole of [1_000, 3_000_000]) {
      await truncate(path)
      // As if it had written so much before, with nothing but NULs of it left.
      const text = `${line(written)}\n${line(written + 1)}\n`
      await writer.write(text, hole)
      written += 2
      await until('the lines behind the hole', () => intake.texts().length >= written, texts)
    }
    expect(texts()).toEqual(numbered(0, written))
    // Of the whole file, nothing is left to be read again.
    const { size } = await stat(path)
    await until('all of it is committed', () => intake.known().at(-1)?.position.offset === size)
    const told = logs.filter(({ msg }) => msg.includes('NULs'))
    expect(told).toMatchObject([1_000, 3_000_000].map((to) => ({ level: 40, path, from: 0, to })))
    await writer.close()
  })
}

/** One letter for each generation, so that a line made of two is seen. */
const generationLine = (generation: number, n: number) =>
  `${String.fromCharCode(97 + generation).repeat(20)} ${n}`

const rangeOf = (metadata: Readonly<Record<string, unknown>>) => ({
  from: Number(metadata.from),
  to: typeof metadata.to === 'number' ? metadata.to : Number.POSITIVE_INFINITY,
})

test(`at any moment: each line is read once or lies in a range that was reported (seed ${seed})`, async () => {
  await using bench = await Bench.create()
  const random = randomFrom(seed)
  const path = bench.path('audit.log')
  await writeFile(path, '')
  const { receiver, intake } = await bench.start({ chunkSize: 256, maxInFlight: 1024 })
  await receiver.caughtUp
  const generations = 12
  const whole: string[][] = []
  for (let generation = 0; generation < generations; generation += 1) {
    if (generation > 0) await truncate(path)
    const lines = numbered(0, 5 + Math.floor(random() * 60)).map((_, n) => generationLine(generation, n))
    whole.push(lines)
    const content = text(lines)
    const first = lines[0]!.length + 1
    const half = first + Math.floor(random() * (content.length - first))
    await appendFile(path, content.slice(0, half))
    // What was written and truncated while nobody looked is beyond any promise: this one has been met.
    await until('met', () => intake.opened.length === generation + 1)
    // Now and then nothing is committed, or there is time to look, before the truncation comes.
    const moment = random()
    if (moment < 0.3) intake.press()
    else if (moment < 0.6) await until('looked at', () => intake.pending === 0)
    await appendFile(path, content.slice(half))
    if (moment > 0.8) await until('read', () => intake.texts().includes(lines.at(-1)!))
    intake.relieve()
  }
  await until('the last line', () => intake.texts().includes(whole.at(-1)!.at(-1)!))
  /** Lines that were neither read nor reported as lost. */
  const missing = () => {
    const read = new Set(intake.texts())
    return whole.flatMap((lines, generation) => {
      const stream = intake.opened[generation]?.stream.id
      const gaps = intake.notes
        .filter((note) => note.stream === stream)
        .map(({ metadata }) => rangeOf(metadata))
      let end = 0
      return lines.filter((line) => {
        end += line.length + 1
        return !read.has(line) && !gaps.some(({ from, to }) => from < end && to >= end)
      })
    })
  }
  await until('a report of what was lost', () => missing().length === 0, missing)
  const read = intake.texts()
  expect(new Set(read).size, `seed ${seed}`).toBe(read.length)
  // What is no whole line is a part of one: no record is made of two.
  const isPart = (part: string) => whole.flat().some((line) => line.startsWith(part) || line.endsWith(part))
  expect(
    read.filter((line) => !isPart(line)),
    `seed ${seed}`,
  ).toEqual([])
})
