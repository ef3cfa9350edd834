/**
 * Elsewhere an agent exits on a full disk, or never gets its space back. Here it refuses to start with a message, or pauses
 * while it runs: clients hear 503 with Retry-After, files wait, and all goes on by itself. For a minute, under load:
 * test/long/full-disk.test.ts.
 */
import { appendFileSync, readdirSync, statSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { SmallDisk } from '../e2e/small-disk.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const line = (n: number) =>
  `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n, text: 'x'.repeat(500) })}\n`

const request = JSON.stringify({
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'order.refund' }] }] }],
})

/** Bytes of the journal's files. */
const bytesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).reduce(
    (sum, name) => sum + (statSync(`${directory}/${name}`, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

test('a full disk at the start, and a disk that fills up while the agent runs', async ({ skip }) => {
  using directory = new WorkDirectory()
  const data = directory.at('data')
  using disk = SmallDisk.mount(data, '16m')
  if (!disk) return skip('this user may not mount a small disk')
  const config = configure(directory, {
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
      otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
    },
    journal: { segment_size: '1MiB', keep: '0ms' },
  })
  disk.fill()

  await using refused = startAgent(config)
  const { code, stderr } = await refused.result()
  expect(code).toBe(73)
  expect(stderr).toBe(
    `affiant: ${data}: the disk that holds it is full\n` +
      '  free some space there, or give agent.data_dir a disk with free space\n',
  )

  disk.free()
  await using agent = startAgent(config)
  await agent.ready()
  const out = directory.at('out.ndjson')
  appendFileSync(directory.at('app.log'), line(0))
  await until('the first line', () => eventsIn(out).length === 1)

  disk.fill()
  const total = 8_000
  let text = ''
  for (let n = 1; n < total; n++) text += line(n)
  appendFileSync(directory.at('app.log'), text)
  let said = ''
  await until('the pause', async () => {
    const { status, body } = await agent.readiness()
    said = body
    return status === 503
  })
  expect(JSON.parse(said)).toMatchObject({
    ready: false,
    reasons: [
      {
        component: 'journal',
        message: `the disk that holds ${data}/journal is full; trying again every second`,
      },
    ],
  })
  expect(await (await fetch(`http://${agent.telemetry}/healthz`)).json()).toMatchObject({ status: 'ok' })
  const answer = await agent.postOtlp(request)
  expect(answer.status, answer.text).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  const committed = () => agent.metric('affiant_receiver_records_total', '{receiver="app"}')
  const paused = await committed()
  expect(paused).toBeLessThan(total)
  expect(agent.running).toBe(true)
  expect(await committed()).toBe(paused)

  disk.free()
  await until('all lines', () => eventsIn(out).length >= total)
  expect(await agent.readiness()).toMatchObject({ status: 200 })
  // All that was committed takes more than this.
  expect(text.length).toBeGreaterThan(4 * 1024 ** 2)
  await until(
    'space that settled events held',
    () => bytesIn(`${data}/journal`) < 4 * 1024 ** 2,
    () => bytesIn(`${data}/journal`),
  )
  expect(await agent.postOtlp(request)).toMatchObject({ status: 200 })
  await until('the record', () => eventsIn(out).length > total)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(
    eventsIn(out)
      .filter(({ action }) => action === 'invoice.read')
      .map(({ unmapped }) => unmapped?.n)
      .toSorted((a, b) => Number(a) - Number(b)),
  ).toEqual(Array.from({ length: total }, (_, n) => n))
})

test('a full disk at a later start: under pressure, delivers what it has, and gets its space back by that', async ({
  skip,
}) => {
  using directory = new WorkDirectory()
  const data = directory.at('data')
  using disk = SmallDisk.mount(data, '16m')
  if (!disk) return skip('this user may not mount a small disk')
  const out = directory.at('out.ndjson')
  const receivers = {
    app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
    otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
  }
  const journal = { segment_size: '1MiB' }
  const away = { type: 'http', url: 'http://127.0.0.1:9/' }
  const total = 3_000
  directory.write('app.log', Array.from({ length: total }, (_, n) => line(n)).join(''))
  await using before = startAgent(
    configure(directory, { receivers, journal, sinks: { out: away, gone: away } }),
  )
  await before.ready()
  await until('the lines', async () => {
    return (await before.metric('affiant_receiver_records_total', '{receiver="app"}')) === total
  })
  before.signal('SIGKILL')
  await before.ended

  // As the machine is found: nothing fits any more, and a sink that is not configured any more keeps everything.
  disk.fill()
  const config = configure(directory, { receivers, journal })
  await using forget = new AffiantProcess(['sink', 'forget', 'gone', '-c', config])
  expect(await forget.result()).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('gone is forgotten'),
  })
  disk.fill()
  await using agent = startAgent(config)
  await agent.ready()
  await until('everything', () => eventsIn(out).length === total)
  // The disk is as full of others' bytes as before.
  await until('readiness', async () => (await agent.readiness()).status === 200)
  expect(await agent.postOtlp(request)).toMatchObject({ status: 200 })
  await until('the record', () => eventsIn(out).length > total)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(agent.log.map(({ msg }) => msg)).toContain(
    `the disk that holds ${data}/journal is full; trying again every second`,
  )
  expect(agent.log.filter(({ level }) => level >= 50)).toEqual([])
})
