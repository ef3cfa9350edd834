// What a start says of itself, and that a start which was killed before it was on disk is made up for by the next.
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOwnEvents } from '../../src/agent/own-events.ts'
import { OwnLog } from '../../src/agent/own-log.ts'
import { keepRanUntil, recordStart } from '../../src/agent/record-start.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { forgetCursor } from '../../src/journal/forget-cursor.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { batchOf, drain, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { oneRoute } from './one-route.ts'

const later: Clock = { ...systemClock, now: () => systemClock.now() + 1_000 }

/** One run that only starts and stops: when it says that it ran before, and the actions and metadata that are new in its journal. */
async function start(dataDir: string, configHash: string, offset = 0, killed = false) {
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + offset }
  const journal = await open(dataDir, { clock })
  const from = journal.durableSeq
  const id = 'ef'.repeat(16)
  const ownEvents = createOwnEvents({
    run: id,
    agent: { id: 'a', version: '1' },
    configHash: () => configHash,
    routes: oneRoute(),
    clock,
    metrics: createMetrics(),
  })
  const ownLog = new OwnLog({ run: id, ownEvents, clock, log: silentLog })
  // Killed: the disk never answered.
  ownLog.open(killed ? { append: () => new Promise(() => {}), waitForRoom: async () => {} } : journal)
  const { noted, ranUntil } = await recordStart({
    dataDir,
    configHash,
    journal,
    ownLog,
    clock,
    log: silentLog,
  })
  if (!killed) await noted
  await using reader = journal.read(from)
  const events = (await drain(reader)).map(([, line]) => JSON.parse(line))
  await journal[Symbol.asyncDispose]()
  return { ranUntil, events: events.map(({ action, metadata }) => ({ action, ...metadata })) }
}

async function run(...options: Parameters<typeof start>) {
  const { events } = await start(...options)
  return events
}

test('the first start, one like it, and one with another configuration', async () => {
  await using directory = await temporaryDirectory()
  expect(await run(directory.path, 'a')).toMatchObject([{ action: 'affiant.agent.started', journal: 'new' }])
  expect(await run(directory.path, 'a')).toMatchObject([{ journal: 'closed', journal_events: 1 }])
  expect(await run(directory.path, 'b')).toMatchObject([
    { action: 'affiant.agent.started' },
    { action: 'affiant.config.changed', from_sha256: 'a', to_sha256: 'b' },
  ])
  expect(await run(directory.path, 'b')).toHaveLength(1)
})

test('when it ran last is known of the same configuration only', async () => {
  await using directory = await temporaryDirectory()
  const begun = Date.now()
  expect((await start(directory.path, 'a')).ranUntil).toBeUndefined()
  const { ranUntil = 0 } = await start(directory.path, 'a')
  expect(ranUntil).toBeGreaterThanOrEqual(begun)
  expect(ranUntil).toBeLessThanOrEqual(Date.now())
  expect((await start(directory.path, 'b')).ranUntil).toBeUndefined()
  expect((await start(directory.path, 'b', -3_600_000)).ranUntil).toBeLessThan(begun)
})

test('what commands write while no agent runs does not count as its run', async () => {
  await using directory = await temporaryDirectory()
  await run(directory.path, 'a')
  const ended = Date.now()
  for (const text of ['{"a":1}', '{"a":2}']) {
    await using journal = await open(directory.path, { clock: later })
    await keepRanUntil(directory.path, journal)
    await journal.append(batchOf([text]), { stream: stream(1) })
  }
  expect((await start(directory.path, 'a')).ranUntil).toBeLessThanOrEqual(ended)
  // It is over: what counts is the run that just was.
  expect((await start(directory.path, 'a')).ranUntil).toBeGreaterThanOrEqual(ended)
})

test('a start that was killed before its events were on disk does not count', async () => {
  await using directory = await temporaryDirectory()
  await run(directory.path, 'a')
  expect(await run(directory.path, 'b', 0, true)).toEqual([])
  expect(await run(directory.path, 'b')).toMatchObject([{}, { action: 'affiant.config.changed' }])
})

test('a clock behind what the journal was written at', async () => {
  await using directory = await temporaryDirectory()
  await run(directory.path, 'a')
  const [, jumped, ...more] = await run(directory.path, 'a', -3_600_000)
  expect(jumped).toMatchObject({ action: 'affiant.clock.jumped', while: 'stopped' })
  expect(jumped.offset_ms).toBeLessThanOrEqual(-3_590_000)
  expect(more).toEqual([])
})

test('a forgotten sink is told once; a command that was ended halfway has forgotten nothing', async () => {
  await using directory = await temporaryDirectory()
  const { path } = directory
  await using journal = await open(path)
  await journal.cursor('gone', { start: 'head', required: true })
  await journal[Symbol.asyncDispose]()
  const broken = { ...nodeFileSystem, remove: () => Promise.reject(new Error('killed')) }
  await expect(forgetCursor(broken, path, 'gone', 1_000)).rejects.toThrow('killed')
  expect(await run(path, 'a')).toHaveLength(1)
  expect(await forgetCursor(nodeFileSystem, path, 'gone', 2_000)).toEqual({
    name: 'gone',
    settled: 0,
    at: 2_000,
  })
  expect(await forgetCursor(nodeFileSystem, path, 'gone', 3_000)).toBeNull()
  expect(await run(path, 'a')).toMatchObject([
    {},
    { action: 'affiant.sink.forgotten', settled: 0, forgotten_time: '1970-01-01T00:00:02.000Z' },
  ])
  expect(await readdir(join(path, 'cursors'))).toEqual([])
  expect(await run(path, 'a')).toHaveLength(1)
})

test.each(['', 'garbage', '{"name":"another","settled":1,"at":1}'])(
  'a note of a forgotten sink that says %j counts, is on record once, and stops no start',
  async (text) => {
    await using directory = await temporaryDirectory()
    const cursors = join(directory.path, 'cursors')
    await mkdir(cursors)
    await writeFile(join(cursors, 'gone.forgotten'), text)
    const [, forgotten] = await run(directory.path, 'a')
    expect(forgotten).toEqual({ action: 'affiant.sink.forgotten', settled: null })
    expect(await run(directory.path, 'a')).toHaveLength(1)
  },
)
