/**
 * An agent that cannot write does not look healthy: readiness is red within a second of a failed commit or a full
 * journal, green again by itself, and both are on record in the journal that could not be written.
 */
import { expect, test } from 'vitest'
import { createOwnEvents } from '../../src/agent/own-events.ts'
import { OwnLog } from '../../src/agent/own-log.ts'
import { readiness } from '../../src/agent/readiness.ts'
import { Watch } from '../../src/agent/watch.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Journal } from '../../src/journal/contract.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createTelemetryServer } from '../../src/telemetry/server.ts'
import { oneRoute } from '../agent/one-route.ts'
import { CrashFileSystem, type Operation } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, until } from '../journal/journal-directory.ts'

/** What waits a second waits 20 ms. */
const hurried: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
}
const text = (n: number) => `{"n":${n},"pad":"${'x'.repeat(20_000)}"}`

/** A journal with what audits it and what answers for it, over a disk that fails on demand. */
async function setUp(clock: Clock = hurried) {
  const disk = new CrashFileSystem()
  const journal = await open('/data', {
    fs: disk,
    lock: async () => ({ release: () => {} }),
    config: smallConfig({ max_size: '1MiB', keep: '0ms' }),
    clock,
  })
  const run = 'cd'.repeat(16)
  const metrics = createMetrics()
  const ownEvents = createOwnEvents({
    run,
    agent: { id: 'a', version: '1' },
    configHash: () => '',
    routes: oneRoute(),
    clock: hurried,
    metrics,
  })
  const ownLog = new OwnLog({ run, ownEvents, clock: hurried, log: silentLog })
  ownLog.open(journal)
  const watch = new Watch({ clock: hurried, journal, ownLog, routeNotes: { tell: () => {} } })
  const server = createTelemetryServer({
    listen: { host: '127.0.0.1', port: 0 },
    metrics,
    readiness: () => readiness({ phase: 'running', fault: null, journal, receivers: [], deliveries: [] }),
    log: silentLog,
  })
  await server.start()
  return {
    disk,
    journal,
    /** Polls until `/readyz` answers so; milliseconds it took. */
    async becomes(status: number): Promise<{ readonly milliseconds: number; readonly body: string }> {
      const began = performance.now()
      for (;;) {
        const answer = await fetch(`http://${server.address}/readyz`)
        const body = await answer.text()
        if (answer.status === status) return { milliseconds: performance.now() - began, body }
        if (performance.now() - began > 10_000) throw new Error(`never ${status}: ${body}`)
      }
    },
    /** How many own events there are, on disk or not. */
    recorded: async () => (await metrics.ownEvents.get()).values.reduce((sum, { value }) => sum + value, 0),
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]()
      await server.stop()
      disk.fails = () => null
      await journal[Symbol.asyncDispose]()
    },
  }
}

async function ownIn(journal: Journal) {
  await using reader = journal.read(0)
  const events: { action: string; metadata?: Record<string, unknown> }[] = []
  for (const [, line] of await drain(reader)) {
    const event = JSON.parse(line)
    if (event.action !== undefined) events.push({ action: event.action, metadata: event.metadata })
  }
  return events
}

const failures: readonly (readonly [code: string, operation: Operation, reason: string])[] = [
  ['EIO', 'sync', 'failed'],
  ['EIO', 'write', 'failed'],
  ['EROFS', 'open', 'failed'],
  ['ENOSPC', 'write', 'disk_full'],
]

test.each(failures)(
  '%s at every %s: red, green again, and both are recorded',
  async (code, operation, reason) => {
    await using agent = await setUp()
    const { disk, journal } = agent
    expect((await agent.becomes(200)).body).toContain('true')
    // What is open stays usable when others cannot be opened any more: then it breaks, too.
    const broken: ReadonlySet<Operation> = new Set(operation === 'open' ? ['open', 'write'] : [operation])
    disk.fails = (each) =>
      broken.has(each) ? Object.assign(new Error(`${code}: simulated`), { code }) : null
    await expect(journal.append(batchOf(['{"n":0}']), { stream: stream(1) })).rejects.toThrow()
    const red = await agent.becomes(503)
    expect(red.milliseconds).toBeLessThan(1_000)
    expect(JSON.parse(red.body).reasons).toMatchObject([
      { component: 'journal', message: expect.stringContaining('trying again') },
    ])
    // Long enough for the agent to see it.
    await hurried.sleep(20)
    await hurried.sleep(20)
    expect(await ownIn(journal)).toEqual([])

    disk.fails = () => null
    await agent.becomes(200)
    await until(async () => (await ownIn(journal)).length === 2)
    const [pressed, relieved] = await ownIn(journal)
    expect(pressed).toMatchObject({ action: 'affiant.journal.pressed', metadata: { reason } })
    expect(relieved).toMatchObject({ action: 'affiant.journal.relieved', metadata: { reason } })
    expect(Date.parse(String(relieved?.metadata?.to))).toBeGreaterThanOrEqual(
      Date.parse(String(relieved?.metadata?.from)),
    )
  },
)

const idle: readonly (readonly [what: string, code: string, operation: Operation])[] = [
  ['the disk answers no sync any more', 'EIO', 'sync'],
  ['the file system has become read-only', 'EROFS', 'open'],
  ['the directory is gone', 'ENOENT', 'open'],
]

test.each(idle)('nothing comes in, and %s: red, and green again', async (_, code, operation) => {
  await using agent = await setUp()
  const { disk, journal } = agent
  // Nothing of it may expire meanwhile.
  await journal.cursor('slow', { start: 'earliest', required: true })
  await journal.append(batchOf(['{"n":0}']), { stream: stream(1) })
  await agent.becomes(200)
  disk.fails = (each) =>
    each === operation ? Object.assign(new Error(`${code}: simulated`), { code }) : null
  expect((await agent.becomes(503)).milliseconds).toBeLessThan(1_000)
  await expect(journal.append(batchOf(['{"n":1}']), { stream: stream(1) })).rejects.toThrow()
  disk.fails = () => null
  await agent.becomes(200)
  await journal.append(batchOf(['{"n":2}']), { stream: stream(1) })
  await using reader = journal.read(0)
  const numbers = (await drain(reader)).flatMap(([, line]) => JSON.parse(line).n ?? [])
  expect(numbers).toEqual([0, 2])
})

test('a disk that does not answer at all: red after five seconds, and green with the answer', async () => {
  const tenfold = () => 10 * systemClock.monotonic()
  await using agent = await setUp({ ...hurried, monotonic: tenfold })
  const { disk, journal } = agent
  const { promise, resolve: answer } = Promise.withResolvers<void>()
  disk.answers = promise
  const began = tenfold()
  const appended = journal.append(batchOf(['{"n":0}']), { stream: stream(1) })
  const red = await agent.becomes(503)
  expect(tenfold() - began).toBeGreaterThan(4_900)
  expect(JSON.parse(red.body).reasons).toMatchObject([
    { component: 'journal', message: expect.stringMatching(/has not answered for \d+ s/) },
  ])
  answer()
  await appended
  await agent.becomes(200)
})

test('a full journal: red, says so in the journal itself while it is full, and green again', async () => {
  await using agent = await setUp()
  const { journal } = agent
  const cursor = await journal.cursor('slow', { start: 'earliest', required: true })
  for (let n = 0; journal.pressure === null; n++) {
    await journal.append(batchOf([text(n)]), { stream: stream(1) }).catch(() => {})
  }
  const red = await agent.becomes(503)
  expect(red.milliseconds).toBeLessThan(1_000)
  expect(red.body).toContain('sink slow has settled only what is below seq 0')
  await until(async () => (await ownIn(journal)).length === 1)
  expect(journal.pressure).toMatchObject({ reason: 'full' })

  cursor.settle(journal.durableSeq)
  await agent.becomes(200)
  await until(async () => (await ownIn(journal)).some(({ action }) => action === 'affiant.journal.relieved'))
})
