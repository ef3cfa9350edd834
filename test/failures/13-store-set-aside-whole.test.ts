/**
 * Elsewhere a corrupt store keeps the agent from starting, or is set aside whole. Here a flipped bit, a torn tail and a bad
 * sector cost the blocks that they hit and no other: those are set aside, named by an event, and everything else is read.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { range } from '../delivery/scripted-sink.ts'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { lostBetween, openOn, page, type Range, written } from '../journal/bad-sector.ts'
import { type Case, flippedSegment } from '../journal/flipped-segment.ts'
import { drain } from '../journal/journal-directory.ts'

test.each<Case>(['sealed', 'torn', 'followed'])(
  'a flipped byte costs its block and no other, segment %s',
  async (kind) => {
    const flipped = await flippedSegment(kind)
    // One in the header and one in the body of some blocks; test/long/flipped-bytes.test.ts flips every byte.
    const hit = [0, 1, 100, 198, 199, 200].flatMap((at) => flipped.blocks[at] ?? [])
    const offsets = hit.flatMap(({ offset, headerEnd, used, end }) => [
      offset + 50,
      headerEnd,
      used - 1,
      end - 1,
    ])
    for (const offset of [0, 4095, 5000, 8192, ...offsets])
      await flipped.check(Math.min(offset, flipped.length - 1))
  },
)

test('a bad sector does not keep the journal from starting; its blocks are damage', async () => {
  const fs = await written()
  fs.bad = 5 * page
  let ahead = 0
  await using journal = await openOn(fs, { ...systemClock, monotonic: () => performance.now() + ahead })
  await using reader = journal.read(0)
  await expect(drain(reader)).rejects.toThrow('i/o error')
  ahead = 70_000
  await using later = journal.read(0)
  const lost = lostBetween(await drain(later))
  expect(lost.length).toBeGreaterThan(2)
  expect(lost.length).toBeLessThan(8)
  expect(journal.recovery.damaged).toMatchObject([{ firstSeq: lost[0], lastSeq: lost.at(-1) }])
  expect(lost).toEqual(lost.map((_, i) => lost[0]! + i))
  // What can be read of them is kept.
  const [{ file }] = journal.recovery.damaged as [Range]
  const start = Number(file.slice(file.lastIndexOf('@') + 1))
  const copy = fs.files(file)[0]!.bytes
  const original = Buffer.from(fs.files('.seg')[0]!.bytes.subarray(start, start + copy.byteLength))
  original.fill(0, Math.max(0, fs.bad - start), fs.bad + page - start)
  expect(copy.byteLength).toBeGreaterThan(page)
  expect(copy.equals(original)).toBe(true)
})

/** Flips a bit in the line with this number, and leaves half a write behind everything that was written. */
function damage(directory: string, n: number): void {
  const [segment] = readdirSync(directory).filter((name) => name.endsWith('.seg'))
  const path = `${directory}/${segment}`
  const bytes = readFileSync(path)
  const hit = bytes.indexOf(`"n":${n}}`)
  expect(hit).toBeGreaterThan(0)
  bytes[hit + 1]! ^= 0x01
  let end = bytes.length
  while (bytes[end - 1] === 0) end -= 1
  const block = bytes.subarray(8192, 8192 + 300)
  writeFileSync(path, Buffer.concat([bytes.subarray(0, end + 16 - (end % 16)), block]))
}

test('the real process: it starts, raises the alarm, and delivers everything but the damaged block', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  await using destination = await HttpDestination.open()
  destination.answer = 503
  const config = configure(directory, {
    sinks: { hook: { type: 'http', url: destination.url, retry: { initial: '20ms', max: '100ms' } } },
  })
  {
    await using agent = startAgent(config)
    await agent.ready()
    const records = () => agent.metric('affiant_receiver_records_total', '{receiver="app"}')
    for (let lines = 20; lines <= 200; lines += 20) {
      const text = range(lines - 20, lines).map((n) => `{"user":"u","event":"a.read","n":${n}}\n`)
      appendFileSync(directory.at('app.log'), text.join(''))
      await until('these lines are committed', async () => (await records()) === lines)
    }
    agent.signal('SIGKILL')
    await agent.ended
  }
  damage(directory.at('data', 'journal'), 101)
  destination.answer = 204
  await using agent = startAgent(config)
  await agent.ready()
  const alarms = () => destination.delivered.filter(({ event }) => event.action === 'affiant.journal.damaged')
  await until(
    'the rest and the alarm',
    () => alarms().length > 0 && destination.events.some(({ unmapped }) => unmapped?.n === 199),
    () => [destination.events.length, agent.stderr],
  )
  // Batches go out beside each other: one behind the last line may still be under way.
  const lag = () => agent.metric('affiant_sink_lag_events', '{sink="hook"}')
  await until('everything is settled', async () => (await lag()) === 0)
  const arrived = new Set(destination.events.map(({ unmapped }) => unmapped?.n))
  const lost = range(0, 200).filter((n) => !arrived.has(n))
  expect(lost).toContain(101)
  expect(lost.length).toBeLessThanOrEqual(20)
  const { metadata = {} } = alarms()[0]!.event
  expect(alarms()).toHaveLength(1)
  const seqs = new Set(destination.delivered.map(({ event }) => event.log.seq))
  expect(range(0, Math.max(...seqs)).filter((seq) => !seqs.has(seq))).toEqual(
    range(Number(metadata.first_seq), Number(metadata.last_seq) + 1),
  )
  expect(Number(metadata.last_seq) - Number(metadata.first_seq) + 1).toBe(lost.length)
  expect(existsSync(String(metadata.file))).toBe(true)
  expect(`${agent.stdout}${agent.stderr}`).toContain('set aside in')
})
