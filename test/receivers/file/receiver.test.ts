import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { throughout, until } from '../until.ts'
import { Bench } from './harness.ts'

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `{"n":${from + index}}`)
const text = (records: readonly string[]) => records.map((line) => `${line}\n`).join('')

describe('file receiver', () => {
  test('reads what is there and what is added', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), text(lines(0, 200)))
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    expect(intake.texts()).toEqual(lines(0, 200))
    expect(receiver.describe()).toEqual({
      verb: 'follows',
      what: expect.stringContaining('a.log (200 lines)'),
    })
    await appendFile(bench.path('a.log'), text(lines(200, 203)))
    await until('appended lines', () => intake.texts().length === 203)
    expect(intake.texts()).toEqual(lines(0, 203))
  })

  test('opens a stream once, with what is constant for the file', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\ntwo\n')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    await appendFile(bench.path('a.log'), 'three\n')
    await until('three', () => intake.texts().length === 3)
    expect(intake.opened).toHaveLength(1)
    const [opened] = intake.opened
    expect(opened?.stream.id).toMatch(/^[0-9a-f]{32}$/)
    expect(opened?.metadata).toMatchObject({ path: bench.path('a.log'), preset: 'json', head: { length: 4 } })
    expect(intake.journal[0]?.kind).toBe('open')
    expect(intake.position(opened?.stream.id ?? '')).toBe(14)
  })

  test('finds new files, and directories that appear later', async () => {
    await using bench = await Bench.create()
    const { receiver, intake } = await bench.start({ include: ['*.log', 'later/*/app.log'] })
    await receiver.caughtUp
    await writeFile(bench.path('new.log'), 'new\n')
    await mkdir(bench.path('later/x'), { recursive: true })
    await writeFile(bench.path('later/x/app.log'), 'later\n')
    await writeFile(bench.path('later/x/other.log'), 'no\n')
    await until(
      'both',
      () => intake.texts().length === 2,
      () => intake.texts(),
    )
    expect(intake.texts().sort()).toEqual(['later', 'new'])
  })

  test('leaves excluded files alone', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'a\n')
    await writeFile(bench.path('a.tmp.log'), 'no\n')
    const { receiver, intake } = await bench.start({ exclude: ['*.tmp.log'] })
    await receiver.caughtUp
    await writeFile(bench.path('b.tmp.log'), 'no\n')
    await writeFile(bench.path('c.log'), 'c\n')
    await until('c', () => intake.texts().includes('c'))
    expect(intake.texts()).toEqual(['a', 'c'])
  })

  test('says which pattern has no file yet, and does not take it for an error', async () => {
    await using bench = await Bench.create()
    const { receiver, logs } = await bench.start({ include: ['missing-*.log'] })
    await receiver.caughtUp
    const warning = logs.find(({ pattern }) => pattern === bench.path('missing-*.log'))
    expect(warning).toMatchObject({ level: 40, receiver: 'app' })
    expect(receiver.describe().what).toContain('no file yet')
  })

  test('holds a partial line until its newline comes', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\ntw')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    expect(intake.texts()).toEqual(['one'])
    await throughout('held', 100, () => intake.texts().length === 1)
    await appendFile(bench.path('a.log'), 'o')
    await throughout('still held', 60, () => intake.texts().length === 1)
    await appendFile(bench.path('a.log'), '\nthree\n')
    await until('all', () => intake.texts().length === 3)
    expect(intake.texts()).toEqual(['one', 'two', 'three'])
  })

  test('a file whose first line is not complete is no stream yet', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'half')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    expect(intake.opened).toEqual([])
    await appendFile(bench.path('a.log'), ' and half\n')
    await until('read', () => intake.texts().length === 1)
    expect(intake.texts()).toEqual(['half and half'])
  })

  test('start_at end begins behind the last newline, new files at their beginning', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'old\nolder\npart')
    const { receiver, intake } = await bench.start({ start_at: 'end' })
    await receiver.caughtUp
    await appendFile(bench.path('a.log'), 'ial\n')
    await writeFile(bench.path('b.log'), 'fresh\n')
    await until(
      'two',
      () => intake.texts().length === 2,
      () => intake.texts(),
    )
    expect(intake.texts().sort()).toEqual(['fresh', 'partial'])
    expect(intake.allLines().find(({ bytes }) => bytes.toString() === 'partial')?.offset).toBe(10)
  })

  test('start_at end says nothing about a later start', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'old\n')
    const first = await bench.start({ start_at: 'end' })
    await first.receiver.caughtUp
    await first.receiver.stop()
    await writeFile(bench.path('b.log'), 'while it was away\n')
    const second = await bench.start({ start_at: 'end', intake: first.intake, known: first.intake.known() })
    await second.receiver.caughtUp
    expect(first.intake.texts()).toEqual(['while it was away'])
  })

  test('passes NUL bytes, invalid UTF-8, CR and blank lines through untouched', async () => {
    await using bench = await Bench.create()
    const bytes = Buffer.concat([
      Buffer.from('\n\ufeffbom\r\n'),
      Buffer.from([0, 0, 0xff, 0xfe, 0xc3, 10, 10]),
      Buffer.from('end\n'),
    ])
    await writeFile(bench.path('a.log'), bytes)
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    expect(Buffer.concat(intake.lineChunks.map((chunk) => chunk.bytes))).toEqual(bytes)
    expect(intake.opened).toHaveLength(1)
  })

  test('two files with the same head are two streams', async () => {
    await using bench = await Bench.create()
    const head = text([`{"pad":"${'x'.repeat(3000)}"}`])
    await writeFile(bench.path('a.log'), `${head}a\n`)
    await writeFile(bench.path('b.log'), `${head}b\n`)
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    expect(new Set(intake.opened.map(({ stream }) => stream.id)).size).toBe(2)
    expect(
      intake
        .texts()
        .filter((line) => line.length === 1)
        .sort(),
    ).toEqual(['a', 'b'])
  })

  test('a link and its target are read once', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'once\n')
    await symlink(bench.path('a.log'), bench.path('b.log'))
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    await appendFile(bench.path('b.log'), 'more\n')
    await until('more', () => intake.texts().length === 2)
    await throughout('once', 60, () => intake.texts().length === 2)
  })

  test('does not read compressed files as lines', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.zst.log'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 10, 10, 1, 2, 3]))
    const { receiver, intake, logs } = await bench.start()
    await receiver.caughtUp
    expect(intake.opened).toEqual([])
    expect(logs.some(({ path, msg }) => path === bench.path('a.zst.log') && msg.includes('compressed'))).toBe(
      true,
    )
  })

  test('a path that cannot be read is said once, and read when it can be', async () => {
    await using bench = await Bench.create()
    await symlink(bench.path('loop.log'), bench.path('loop.log'))
    await writeFile(bench.path('a.log'), 'fine\n')
    const { receiver, intake, logs, metrics } = await bench.start()
    await receiver.caughtUp
    expect(intake.texts()).toEqual(['fine'])
    await until('watched', async () => (await metrics.filesWatched.get()).values[0]?.value === 2)
    expect(receiver.unreadable()).toEqual([bench.path('loop.log')])
    expect(receiver.trouble?.()).toBe(`a file cannot be read: ${bench.path('loop.log')} (ELOOP)`)
    await throughout(
      'said once',
      1_200,
      () => logs.filter(({ path }) => path === bench.path('loop.log')).length === 1,
    )
    await rm(bench.path('loop.log'))
    await writeFile(bench.path('loop.log'), 'now\n')
    await until('read', () => intake.texts().includes('now'))
    expect(receiver.trouble?.()).toBeNull()
  })

  test('a deleted file is read to its end and closed', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\n')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    intake.hold()
    await appendFile(bench.path('a.log'), 'two\nunfinished')
    await rm(bench.path('a.log'))
    intake.relieve()
    await until('let go', () => receiver.status().length === 0)
    expect(intake.texts()).toEqual(['one', 'two', 'unfinished'])
    expect(intake.notes).toEqual([
      expect.objectContaining({
        action: 'affiant.stream.closed',
        metadata: { path: bench.path('a.log'), size: 18 },
      }),
    ])
  })

  test('a deleted file whose last line has no end waits for its turn to have it read, and only then is closed', async () => {
    await using bench = await Bench.create()
    const [path, others] = [bench.path('a.log'), ['b', 'c', 'd', 'e', 'f', 'g']]
    await writeFile(path, 'one\nunfinished')
    for (const other of others) await writeFile(bench.path(`${other}.log`), `${other}\n`)
    const { receiver, intake } = await bench.start({ chunkSize: 64, maxInFlight: 64, grace: 600 })
    await receiver.caughtUp
    const followed = () => receiver.status().find((file) => file.path === path)
    await rm(path)
    await until('noticed', () => followed()?.rotated === true)
    await throughout('looked at once more', 100, () => followed() !== undefined)
    // From here on, nobody has a turn.
    intake.hold()
    for (const other of others) await appendFile(bench.path(`${other}.log`), `${'x'.repeat(50)}\n`.repeat(20))
    await throughout('kept', 900, () => followed() !== undefined && intake.pending < 3)
    intake.relieve()
    await until('let go', () => followed() === undefined)
    expect(intake.texts()).toContain('unfinished')
    expect(intake.notes.map(({ action }) => action)).toEqual(['affiant.stream.closed'])
  })

  test('a truncated file is a new generation, read from its beginning', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'first generation\nmore\n')
    const { receiver, intake, logs } = await bench.start()
    await receiver.caughtUp
    await writeFile(bench.path('a.log'), 'second\n')
    await until('second', () => intake.texts().includes('second'))
    expect(intake.texts()).toEqual(['first generation', 'more', 'second'])
    expect(intake.opened).toHaveLength(2)
    expect(logs.some(({ msg }) => msg.includes('truncated'))).toBe(true)
  })

  test('a truncated file that has grown past the old position is noticed by its content', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'first\n')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    const longer = lines(0, 50)
    await writeFile(bench.path('a.log'), text(longer))
    await until('all', () => intake.texts().length === 51)
    expect(intake.texts()).toEqual(['first', ...longer])
  })

  test('reads again what could not be taken in', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\n')
    const { receiver, intake, logs } = await bench.start()
    await receiver.caughtUp
    intake.failNext(1)
    await appendFile(bench.path('a.log'), 'two\n')
    await until('two', () => intake.texts().includes('two'))
    expect(intake.texts()).toEqual(['one', 'two'])
    expect(logs.some(({ level }) => level === 50)).toBe(true)
  })

  test('an append is read within 20 ms, typically', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'x\n')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    const delays: number[] = []
    for (let round = 0; round < 21; round += 1) {
      const begun = performance.now()
      await appendFile(bench.path('a.log'), `${round}\n`)
      await until('read', () => intake.texts().length === round + 2)
      delays.push(performance.now() - begun)
    }
    delays.sort((a, b) => a - b)
    // A loaded machine may stretch single rounds; the middle one shows what a wake-up costs.
    expect(delays[10]).toBeLessThan(50)
  })

  test('rename rotation to a name that matches as well', async () => {
    await using bench = await Bench.create()
    await writeFile(bench.path('a.log'), 'one\ntw')
    const { receiver, intake } = await bench.start()
    await receiver.caughtUp
    await rename(bench.path('a.log'), bench.path('a-1.log'))
    await writeFile(bench.path('a.log'), 'three\n')
    await until('three', () => intake.texts().includes('three'))
    await appendFile(bench.path('a-1.log'), 'o\n')
    await until(
      'two',
      () => intake.texts().includes('two'),
      () => intake.texts(),
    )
    expect(intake.opened).toHaveLength(2)
    expect(
      receiver
        .status()
        .map(({ path }) => path)
        .sort(),
    ).toEqual([bench.path('a-1.log'), bench.path('a.log')])
  })
})
