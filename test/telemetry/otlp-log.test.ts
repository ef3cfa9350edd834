import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSocketServer, type Server } from 'node:net'
import { join } from 'node:path'
import { diag } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import { type LogSettings, RunningLog } from '../../src/telemetry/running-log.ts'
import { endWithTest } from '../processes.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close())
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : 0
}

interface Received {
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly resource: Record<string, unknown>
  readonly records: readonly LogRecord[]
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface LogRecord {
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly severityText: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly KeyValue[]
}

const plain = (list: readonly KeyValue[]) =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]))

/** An OTLP/HTTP collector that keeps what it gets, and answers with `status`, not before `answering`. */
async function collector(status = 200, answering: Promise<void> = Promise.resolve()) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { resourceLogs } = JSON.parse(Buffer.concat(chunks).toString())
      received.push({
        url: request.url,
        headers: request.headers,
        resource: plain(resourceLogs[0].resource.attributes),
        records: resourceLogs.flatMap((one: { scopeLogs: { logRecords: LogRecord[] }[] }) =>
          one.scopeLogs.flatMap(({ logRecords }) => logRecords),
        ),
      })
      void answering.then(() => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'))
    })
  })
  return { received, port: await listen(server) }
}

type Level = LogSettings['log']['level']

const to = (port: number, level: Level = 'info'): LogSettings => ({
  log: { level, format: 'json' },
  logs: { otlp: { endpoint: `http://127.0.0.1:${port}`, headers: { 'x-tenant': 'acme' } } },
})

async function exported(port: number, level: Level = 'info', closeTimeout = 2_000) {
  const agent = { id: 'node-7', version: '1.2.3' }
  const running = await RunningLog.open({ settings: to(port, level), agent, closeTimeout })
  return { running, log: running.log, close: () => running.close() }
}

test('lines arrive with severity, time, attributes and the agent as resource', async () => {
  const { received, port } = await collector()
  const { log, close } = await exported(port, 'debug')
  const before = Date.now()
  log.trace('not logged')
  log.debug('details')
  log.info({ receiver: 'app', lines: 212, first: true, where: { file: 'a.log' } }, 'caught up')
  log.warn('slow')
  log.error({ err: new TypeError('no such thing') }, 'failed')
  log.fatal('gone')
  await close()
  const after = Date.now()

  const records = received.flatMap((request) => request.records)
  expect(
    records.map((record) => [record.severityNumber, record.severityText, record.body.stringValue]),
  ).toEqual([
    [5, 'DEBUG', 'details'],
    [9, 'INFO', 'caught up'],
    [13, 'WARN', 'slow'],
    [17, 'ERROR', 'failed'],
    [21, 'FATAL', 'gone'],
  ])
  expect(plain(records[1]!.attributes)).toEqual({
    receiver: 'app',
    lines: 212,
    first: true,
    where: '{"file":"a.log"}',
  })
  expect(plain(records[3]!.attributes)).toEqual({
    'exception.type': 'TypeError',
    'exception.message': 'no such thing',
    'exception.stacktrace': expect.stringContaining('otlp-log.test.ts'),
  })
  const time = Number(BigInt(records[0]!.timeUnixNano) / 1_000_000n)
  expect(time).toBeGreaterThanOrEqual(before)
  expect(time).toBeLessThanOrEqual(after)
  expect(received[0]).toMatchObject({
    url: '/v1/logs',
    headers: { 'x-tenant': 'acme' },
    resource: { 'service.name': 'affiant', 'service.version': '1.2.3', 'service.instance.id': 'node-7' },
  })
})

test('what the SDK says is logged, but not exported: no loop', async () => {
  const { received, port } = await collector()
  const { log, close } = await exported(port)
  log.info('one')
  diag.error('export failed')
  log.info('two')
  await close()
  expect(received.flatMap(({ records }) => records.map(({ body }) => body.stringValue))).toEqual([
    'one',
    'two',
  ])
})

test('a collector that refuses is asked once, and the agent goes on', async () => {
  const { received, port } = await collector(400)
  const { log, close } = await exported(port)
  log.info('one')
  await close()
  expect(received).toHaveLength(1)
})

test('more than a slow collector takes is left out: logging does not wait, and what waits is bounded', async () => {
  const { promise: answering, resolve: answer } = Promise.withResolvers<void>()
  const { received, port } = await collector(200, answering)
  const script = join(import.meta.dirname, 'log-much.ts')
  const child = spawn(process.execPath, [script, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] })
  endWithTest(child)
  const [said] = await once(child.stdout, 'data')
  answer()
  await once(child, 'exit')
  expect(JSON.parse(String(said)).milliseconds).toBeLessThan(5_000)
  const records = received.flatMap((request) => request.records)
  // A queue of 2,048, and the batch that was under way.
  expect(records.length).toBeGreaterThan(500)
  expect(records.length).toBeLessThanOrEqual(2_048 + 512)
})

test('a collector that never answers does not hold up the end', async () => {
  const sockets = createSocketServer((socket) => {
    cleanUp.push(() => socket.destroy())
  })
  const { log, close } = await exported(await listen(sockets), 'info', 200)
  log.info('one')
  const started = performance.now()
  await close()
  await close()
  expect(performance.now() - started).toBeLessThan(2_000)
  log.info('after the end: standard error only')
})

test('it begins, moves and ends while it runs, for children too, and no line is lost between', async () => {
  const [one, other] = [await collector(), await collector()]
  const { running, log } = await exported(one.port)
  const child = log.child({ receiver: 'app' })
  child.debug('below the level')
  child.info('first')
  const moving = running.use(to(other.port, 'debug'))
  child.info('meanwhile')
  await moving
  child.debug('second')
  await running.use({ log: { level: 'debug', format: 'json' }, logs: {} })
  child.info('to standard error only')
  await running.use(to(one.port, 'warn'))
  child.info('below the level again')
  child.warn('third')
  await running.close()
  const bodies = ({ received }: typeof one) =>
    received.flatMap(({ records }) => records.map(({ body }) => body.stringValue))
  expect([bodies(one), bodies(other)]).toEqual([
    ['first', 'third'],
    ['meanwhile', 'second'],
  ])
})
