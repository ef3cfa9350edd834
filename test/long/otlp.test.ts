// The official exporters, through the whole agent to an HTTP destination: all records, once each, attributes intact.
import { deepStrictEqual } from 'node:assert'
import { ROOT_CONTEXT, SeverityNumber, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs'
import { describe, expect, test, vi } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { invalid } from '../e2e/events.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

type Records = Parameters<LogRecordExporter['export']>[0]

const total = 10_000
const start = Date.UTC(2026, 10, 23, 11)
const recordId = (n: number) => `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`
const traceId = '5b8efff798038103d269b633813fc60c'
const spanId = 'eee19b7ec3c1b174'
const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED })

/** Attributes that no member of the schema stands for: they must be in `unmapped`, as they were. */
const own = (n: number) => ({
  unicode: 'Zoë 🧾 \u2028 \u0000',
  blank: '',
  allowed: n % 2 === 0,
  index: n,
  negative: -n - 1,
  amount: n + 0.25,
  tags: ['a', 'b', String(n)],
  mixed: [1, 'two', true, [3]],
  nested: { order: { id: n, lines: [{ sku: 'x', open: true }] } },
})

/** What JSON cannot say becomes text. */
const bytes = (n: number) => new Uint8Array([n & 0xff, 0, 255])
const large = 2 ** 62

const attributes = (n: number) => ({
  'audit.record.id': recordId(n),
  'audit.actor.id': `u_${n % 97}`,
  'audit.actor.type': 'user',
  'audit.action': 'order.refund',
  'audit.outcome': 'denied',
  'audit.target.type': 'order',
  'audit.target.id': `o_${n}`,
  'client.address': '203.0.113.7',
  ...own(n),
  payload: bytes(n),
  large,
})

function emit(provider: LoggerProvider, from: number, to: number): void {
  const logger = provider.getLogger('audit', '0.3.0')
  for (let n = from; n < to; n++) {
    logger.emit({
      eventName: 'order.refund',
      timestamp: start + n,
      severityNumber: SeverityNumber.WARN,
      body: `refund ${n}`,
      attributes: attributes(n),
      context,
    })
  }
}

const resource = resourceFromAttributes({ 'service.name': 'orders', 'service.version': '1.2.3' })

function configured(directory: WorkDirectory, url: string): string {
  return configure(directory, {
    receivers: { otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } } },
    sinks: { hook: { type: 'http', url, compression: 'gzip' } },
  })
}

describe.each([
  // The digits that left the application: JSON's shortest ones are not those of the binary number.
  ['JSON', JsonExporter, '4611686018427388000'],
  ['protobuf', ProtobufExporter, '4611686018427387904'],
])('the %s exporter', (_name, Exporter, largeDigits) => {
  test('10,000 records arrive once each, valid, with every attribute', async () => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    await using agent = startAgent(configured(directory, destination.url))
    await agent.ready()
    const exporter = new Exporter({ url: `http://${agent.otlp}/v1/logs` })
    const provider = new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: total, maxExportBatchSize: 512 })],
    })
    emit(provider, 0, total)
    await provider.forceFlush()
    await provider.shutdown()
    await until('all records', () => destination.events.length >= total)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })

    const { events } = destination
    expect(new Set(events.map(({ id }) => id)).size).toBe(total)
    expect([...destination.timesById.values()].every((times) => times === 1)).toBe(true)
    for (const event of events) {
      const n = Number(event.id.slice(-12))
      // Plain comparisons: ten thousand times `expect` takes seconds.
      const problem = invalid(event)
      if (problem !== undefined) throw new Error(problem)
      const { actor, action, targets, source, request, producer, message, severity, unmapped } = event
      deepStrictEqual(
        { id: event.id, time: event.time, result: event.outcome.result, parse: event.quality.parse },
        {
          id: recordId(n),
          time: `${new Date(start + n).toISOString().slice(0, -1)}000000Z`,
          result: 'denied',
          parse: 'ok',
        },
      )
      deepStrictEqual(
        { actor, action, targets, source, request, producer, message, severity },
        {
          actor: { id: `u_${n % 97}`, type: 'user' },
          action: 'order.refund',
          targets: [{ type: 'order', id: `o_${n}` }],
          source: { ip: '203.0.113.7' },
          request: { trace_id: traceId, span_id: spanId },
          producer: { product: 'orders', version: '1.2.3' },
          message: `refund ${n}`,
          severity: 13,
        },
      )
      deepStrictEqual(unmapped?.attributes, {
        ...own(n),
        payload: Buffer.from(bytes(n)).toString('base64'),
        large: largeDigits,
      })
    }
  })
})

test('kill -9 in the middle: every acknowledged record is there, under one id', {
  timeout: 40_000,
}, async () => {
  using directory = new WorkDirectory()
  await using destination = await HttpDestination.open()
  // The same port for every life of the agent, as a client needs it.
  const config = configured(directory, destination.url)
  let agent = startAgent(config)
  const acknowledged = new Set<string>()
  const lives = 2
  try {
    await agent.ready()
    const each = 300
    for (let life = 0; life < lives; life++) {
      const exporter = new JsonExporter({ url: `http://${agent.otlp}/v1/logs`, timeoutMillis: 300 })
      const heard: LogRecordExporter = {
        export: (records: Records, done) =>
          exporter.export(records, (result) => {
            if (result.code === 0) {
              for (const { attributes } of records) acknowledged.add(String(attributes['audit.record.id']))
            }
            done(result)
          }),
        forceFlush: () => exporter.forceFlush(),
        shutdown: () => exporter.shutdown(),
      }
      const processor = new BatchLogRecordProcessor({
        exporter: heard,
        maxQueueSize: each,
        maxExportBatchSize: 20,
        scheduledDelayMillis: 1,
        exportTimeoutMillis: 400,
      })
      const provider = new LoggerProvider({ resource, processors: [processor] })
      const before = acknowledged.size
      emit(provider, life * each, (life + 1) * each)
      const flushed = provider.forceFlush().catch(() => {})
      await until('some answers', () => acknowledged.size > before + 100)
      agent.signal('SIGKILL')
      await agent.ended
      await flushed
      await provider.shutdown().catch(() => {})
      agent = startAgent(config)
      await agent.ready()
    }
    // A client that sends again what it heard no answer to: the ids stay.
    const exporter = new JsonExporter({ url: `http://${agent.otlp}/v1/logs` })
    const provider = new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: total, maxExportBatchSize: 512 })],
    })
    const unheard = Array.from({ length: lives * each }, (_, n) => n).filter(
      (n) => !acknowledged.has(recordId(n)),
    )
    expect(unheard.length).toBeGreaterThan(0)
    expect(acknowledged.size).toBeGreaterThan(100 * lives)
    for (const n of unheard) emit(provider, n, n + 1)
    await provider.forceFlush()
    await provider.shutdown()
    await until('all records', () => destination.events.length >= lives * each)
    expect(new Set(destination.events.map(({ id }) => id)).size).toBe(lives * each)
    for (const id of acknowledged) expect(destination.timesById.has(id)).toBe(true)
  } finally {
    await agent[Symbol.asyncDispose]()
  }
})
