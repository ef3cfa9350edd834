// A replay beside the sink's own delivery: both arrive whole, neither loses or repeats anything of the other; and a journal
// that lacks a part of the range says so before anything is sent.
import { appendFileSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'

vi.setConfig({ testTimeout: 120_000 })

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `{"user":"u","event":"invoice.read","n":${from + n}}\n`).join(
    '',
  )

/** How often each number arrived, in all files of the sink; every line is whole. */
function timesIn(pattern: string): Map<number, number> {
  const times = new Map<number, number>()
  for (const path of globSync(pattern)) {
    // The last line may be on its way.
    for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
      const { action, unmapped } = JSON.parse(line)
      if (action !== 'invoice.read') continue
      times.set(unmapped.n, (times.get(unmapped.n) ?? 0) + 1)
    }
  }
  return times
}

test('into one file that rotates, while new events come', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    sinks: {
      out: {
        type: 'file',
        path: directory.at('out.ndjson'),
        rotate: { max_size: '1MiB', keep: 100 },
        batch: { max_bytes: '16KiB' },
        concurrency: 4,
      },
    },
  })
  const log = directory.write('app.log', lines(0, 5000))
  const pattern = directory.at('out.ndjson*')
  await using agent = startAgent(config)
  await agent.ready()
  await until('the first lines', () => timesIn(pattern).size === 5000)
  const range = ['--from', '10', '--to', '3009']
  const replays = [0, 1].map(async () => {
    await using replay = new AffiantProcess(['replay', '--sink', 'out', ...range, '-c', config])
    return await replay.result()
  })
  for (let n = 5000; n < 15_000; n += 100) {
    appendFileSync(log, lines(n, n + 100))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const ended = await Promise.all(replays)
  // One at a time for each sink: the second may have come too early.
  const done = ended.filter(({ code }) => code === 0).length
  expect(ended.every(({ code }) => code === 0 || code === 75)).toBe(true)
  expect(done).toBeGreaterThan(0)
  await until('all lines', () => timesIn(pattern).size === 15_000)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  const times = timesIn(pattern)
  const repeated = [...times.values()].filter((count) => count === 1 + done).length
  // The agent's own events are among the seqs.
  expect(repeated).toBeGreaterThanOrEqual(2_990)
  expect(repeated).toBeLessThanOrEqual(3_000)
  expect([...times.values()].filter((count) => count !== 1)).toHaveLength(repeated)
})

test('damage in the range: named, and nothing sent; with --available the rest', async () => {
  using directory = new WorkDirectory()
  const out = directory.at('out.ndjson')
  const config = configure(directory)
  const log = directory.write('app.log', '')
  {
    await using agent = startAgent(config)
    await agent.ready()
    // A block each.
    for (let n = 0; n < 60; n += 20) {
      appendFileSync(log, lines(n, n + 20))
      await until('the lines', () => timesIn(out).size === n + 20)
    }
    agent.signal('SIGTERM')
    await agent.ended
  }
  const [segment = ''] = globSync(directory.at('data/journal/*.seg'))
  const bytes = readFileSync(segment)
  const at = bytes.indexOf('"n":30}')
  expect(at).toBeGreaterThan(0)
  bytes[at + 4] = bytes[at + 4]! ^ 0x40
  writeFileSync(segment, bytes)
  const seqOf = (n: number) =>
    readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ unmapped }) => unmapped?.n === n).log.seq
  const from = String(seqOf(5))
  const to = String(seqOf(55))
  const type = (...more: string[]) =>
    new AffiantProcess([
      'replay',
      '--sink',
      'out',
      '--from',
      from,
      '--to',
      to,
      ...more,
      '-c',
      config,
    ]).result()
  const before = readFileSync(out, 'utf8')
  const refused = await type()
  expect(refused).toMatchObject({ code: 65, stdout: '' })
  const damaged = `${seqOf(20)}..${seqOf(39)}`
  expect(refused.stderr).toContain(
    `seq ${damaged} cannot be read from the journal any more; nothing was sent`,
  )
  expect(readFileSync(out, 'utf8')).toBe(before)

  const rest = await type('--available')
  expect(rest, rest.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`seq ${damaged} is gone`),
  })
  const times = timesIn(out)
  const twice = [...times].filter(([, count]) => count === 2).map(([n]) => n)
  expect(twice.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 51 }, (_, n) => n + 5).filter((n) => n < 20 || n > 39),
  )
})
