/** Guarantee: what an application hands to the official OpenTelemetry SDK arrives, once and intact. */
import { deepStrictEqual } from 'node:assert'
import { type Attributes, ROOT_CONTEXT, SeverityNumber, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPLogExporter as GrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { afterEach, expect, test, vi } from 'vitest'
import { calling } from '../receivers/otlp/calling.ts'

const traceId = '5b8efff798038103d269b633813fc60c'
const spanId = 'eee19b7ec3c1b174'
const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED })

const attributes = (index: number) =>
  ({
    'audit.record.id': `8f3c0000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    'audit.actor.id': `u_${index % 97}`,
    unicode: 'Zoë 🧾 \u2028 \u0000',
    empty: '',
    allowed: index % 2 === 0,
    count: index,
    negative: -index - 1,
    large: 2 ** 52,
    amount: index + 0.25,
    tags: ['a', 'b', String(index)],
    numbers: [1, 2.5, -3],
    nested: { order: { id: index, lines: [{ sku: 'x', open: true }] } },
    long: 'l'.repeat(index % 300),
  }) satisfies Attributes

afterEach(() => {
  vi.unstubAllEnvs()
})

test.each([
  ['JSON', 10_000, 'none', JsonExporter],
  ['protobuf', 10_000, 'none', ProtobufExporter],
  ['gRPC', 10_000, 'none', GrpcExporter],
  ['JSON in gzip', 500, 'gzip', JsonExporter],
  ['protobuf in gzip', 500, 'gzip', ProtobufExporter],
  ['gRPC in gzip', 500, 'gzip', GrpcExporter],
])('%s: %i records with every kind of attribute', async (_name, total, compression, Exporter) => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression)
  const { intake, port, grpcPort } = await calling()
  const url = Exporter === GrpcExporter ? `http://127.0.0.1:${grpcPort}` : `http://127.0.0.1:${port}/v1/logs`
  const exporter = new Exporter({ url })
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'orders', 'service.version': '1.2.3' }),
    processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: total, maxExportBatchSize: 512 })],
  })
  const logger = provider.getLogger('audit', '0.3.0', { schemaUrl: 'https://example.com/audit/1' })
  const start = Date.UTC(2026, 10, 23, 11)
  for (let index = 0; index < total; index++) {
    logger.emit({
      eventName: 'order.refund',
      timestamp: start + index,
      observedTimestamp: start + index + 1,
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      body: { text: `refund ${index}`, raw: new Uint8Array([index & 0xff, 255]) },
      attributes: attributes(index),
      context,
    })
  }
  await provider.forceFlush()
  await provider.shutdown()

  const received = intake.received
  expect(received).toHaveLength(total)
  for (const [index, { content: _, ...record }] of received.entries()) {
    deepStrictEqual(record, {
      value: {
        timestamp: `${start + index}000000`,
        observed_timestamp: `${start + index + 1}000000`,
        severity_number: 13,
        severity_text: 'WARN',
        event_name: 'order.refund',
        body: { text: `refund ${index}`, raw: Buffer.from([index & 0xff, 255]).toString('base64') },
        attributes: attributes(index),
        trace_id: traceId,
        span_id: spanId,
        flags: 1,
        resource: { 'service.name': 'orders', 'service.version': '1.2.3' },
        scope: { name: 'audit', version: '0.3.0', schema_url: 'https://example.com/audit/1' },
      },
      id: { uuid: attributes(index)['audit.record.id'] },
      warnings: ['raw is bytes, kept as base64'],
    })
  }
  // One stream, opened once; its index runs over the records without a gap.
  expect(intake.opened).toHaveLength(1)
  let next = 0
  for (const chunk of intake.recordChunks) {
    expect(chunk.stream).toEqual(intake.opened[0]?.stream)
    expect(chunk.index).toBe(next)
    next += chunk.records.length
  }
})
