/** The `otlp` sink and an OpenTelemetry Collector: what it takes is what the journal has, over each protocol. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { batchOfMany, linesOf } from '../sinks/batches.ts'
import { otlpSink } from '../sinks/otlp/sink.ts'
import { makeAuthority, makeCertificate } from './certificates.ts'
import { compare, equal, exportedLines } from './exported.ts'
import { auditLines } from './otelcol/audit-lines.ts'
import { lineOf } from './otelcol/lines.ts'
import { findOtelcol, Otelcol, type OtelcolOptions } from './otelcol/otelcol.ts'
import type { Received } from './otelcol/received.ts'

const program = await findOtelcol()
const never = new AbortController().signal
const protocols = ['http/protobuf', 'http/json', 'grpc'] as const
type Protocol = (typeof protocols)[number]

const start = (options?: OtelcolOptions) => Otelcol.start(program ?? '', options)
const urlOf = (otelcol: Otelcol, protocol: Protocol, scheme = 'http') =>
  `${scheme}://127.0.0.1:${protocol === 'grpc' ? otelcol.grpcPort : otelcol.httpPort}`

/** Delivers what is in the directory, and ends. */
async function runOnce(config: string): Promise<void> {
  await using agent = new AffiantProcess(['run', '--once', '-c', config])
  const { code, stderr } = await agent.result()
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`)
}

const received = (otelcol: Otelcol) => Array.fromAsync(otelcol.received())

/** A record, as the event says it should be. */
function recordFor(line: string): Omit<Received, 'body'> {
  const { producer = {}, request = {}, log, targets, ...event } = JSON.parse(line)
  const nanoseconds = (time: string) =>
    BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, -1).padEnd(9, '0'))
  const defined = (members: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  const texts: Readonly<Record<number, string>> = { 5: 'DEBUG', 9: 'INFO', 13: 'WARN', 17: 'ERROR' }
  return {
    time: nanoseconds(event.time),
    observedTime: nanoseconds(event.observed_time),
    severity: event.severity ?? 0,
    severityText: texts[event.severity] ?? '',
    eventName: event.action,
    traceId: request.trace_id ?? '',
    spanId: request.span_id ?? '',
    scope: 'affiant',
    attributes: defined({
      'audit.record.id': event.id,
      'audit.actor.id': event.actor?.id,
      'audit.actor.type': event.actor?.type,
      'audit.action': event.action,
      'audit.outcome': event.outcome?.result,
      'audit.target.id': targets?.[0]?.id,
      'audit.target.type': targets?.[0]?.type,
      'audit.category': event.category,
      'audit.operation': event.operation,
      'audit.schema.version': event.schema,
      'audit.sequence.stream_id': log.origin,
      'audit.sequence.number': log.seq,
    }) as Received['attributes'],
    resource: defined({
      'service.name': producer.product ?? producer.service,
      'service.namespace': producer.product === undefined ? undefined : producer.service,
      'service.version': producer.version,
      'host.name': producer.host,
      'cloud.region': producer.region,
    }) as Received['resource'],
  }
}

describe.skipIf(program === undefined)('an OpenTelemetry Collector', () => {
  test.for(
    protocols.flatMap((protocol) => (['gzip', 'none'] as const).map((gzip) => [protocol, gzip] as const)),
  )(
    '%s, %s: every event, equal in every byte, and its record says the same',
    async ([protocol, compression]) => {
      using directory = new WorkDirectory()
      await using otelcol = await start()
      directory.write('audit.log', auditLines(0, 3000))
      const config = configure(directory, {
        sinks: { out: { type: 'otlp', protocol, compression, url: urlOf(otelcol, protocol) } },
      })
      await runOnce(config)
      const lines = await exportedLines(config)
      expect(lines.length).toBeGreaterThanOrEqual(3000)
      const records = await received(otelcol)
      expect(compare(lines, records.map(lineOf))).toEqual(equal)
      for (const record of records) {
        const { body, ...rest } = record
        expect(body).toBeTypeOf('string')
        expect(rest).toEqual(recordFor(lineOf(record)))
      }
      expect(new Set(records.map(({ severity }) => severity)).size).toBe(5)
      expect(records.filter(({ traceId }) => traceId !== '')).toHaveLength(1000)
    },
  )

  test.for(protocols)('%s: a structured body is the event', async (protocol) => {
    using directory = new WorkDirectory()
    await using otelcol = await start()
    directory.write('audit.log', auditLines(0, 500))
    const config = configure(directory, {
      sinks: { out: { type: 'otlp', protocol, body: 'structured', url: urlOf(otelcol, protocol) } },
    })
    await runOnce(config)
    expect(compare(await exportedLines(config), (await received(otelcol)).map(lineOf))).toEqual(equal)
  })

  test.for(protocols)(
    '%s: requests over its limit are halved until they fit, and nothing is lost',
    async (protocol) => {
      using directory = new WorkDirectory()
      // Its own limit for gRPC is 4 MiB.
      await using otelcol = await start({ http: { max_request_body_size: 4 * 1024 ** 2 } })
      const sink = otlpSink({ url: urlOf(otelcol, protocol), protocol })
      await sink.start()
      expect(await sink.deliver(batchOfMany(1000, { extra: 5000 }), never)).toMatchObject({ kind: 'refused' })
      await sink.stop()
      directory.write('audit.log', auditLines(0, 3000, 5000))
      const config = configure(directory, {
        sinks: {
          out: {
            type: 'otlp',
            protocol,
            url: urlOf(otelcol, protocol),
            batch: { max_bytes: '12MiB', timeout: '1s' },
          },
        },
      })
      await runOnce(config)
      expect(compare(await exportedLines(config), (await received(otelcol)).map(lineOf))).toEqual(equal)
      expect(await readdir(directory.at('data', 'dlq', 'out')).catch(() => [])).toEqual([])
    },
  )

  test.for(protocols)(
    '%s: it is stopped, killed and started again in the middle, and nothing is missing',
    async (protocol) => {
      using directory = new WorkDirectory()
      await using otelcol = await start()
      const input = directory.write('audit.log', '')
      const config = configure(directory, {
        sinks: {
          out: {
            type: 'otlp',
            protocol,
            url: urlOf(otelcol, protocol),
            timeout: '2s',
            retry: { initial: '50ms', max: '500ms' },
          },
        },
      })
      await using agent = startAgent(config)
      await agent.ready()
      let written = 0
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const before = written
        const writing = setInterval(() => {
          appendFileSync(input, auditLines(written, written + 50))
          written += 50
        }, 10)
        try {
          await until('some are written', () => written > before + 500)
          await otelcol.stop(signal)
          await until('more are written', () => written > before + 1000)
          await otelcol.start()
          await until('still more are written', () => written > before + 1500)
        } finally {
          clearInterval(writing)
        }
      }
      await until(
        'everything is delivered',
        async () =>
          (await agent.metric('affiant_sink_lag_events', '{sink="out"}')) === 0 &&
          ((await agent.metric('affiant_sink_events_total', '{sink="out"}')) ?? 0) >= written,
        () => agent.stderr,
      )
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
      const lines = await exportedLines(config)
      expect(lines.length).toBeGreaterThanOrEqual(written)
      // Twice may be what had no answer when it stopped.
      const { twice: _twice, ...rest } = compare(lines, (await received(otelcol)).map(lineOf))
      expect(rest).toEqual({ missing: [], foreign: [] })
    },
  )

  test.for(protocols)(
    '%s: TLS with an authority of its own, and a certificate on both sides',
    async (protocol) => {
      const directory = await mkdtemp(join(tmpdir(), 'affiant-tls-'))
      onTestFinished(() => rm(directory, { recursive: true }))
      const authority = await makeAuthority(directory, 'authority')
      const server = await makeCertificate(directory, 'server', { authority })
      const client = await makeCertificate(directory, 'client', { authority })
      const stranger = await makeCertificate(directory, 'stranger')
      const tls = { cert_file: server.cert, key_file: server.key, client_ca_file: authority.cert }
      await using otelcol = await start({ grpc: { tls }, http: { tls } })
      const batch = batchOfMany(1000)
      const deliver = async (options: object) => {
        const sink = otlpSink({
          url: urlOf(otelcol, protocol, 'https'),
          protocol,
          tls: options,
          timeout: '2s',
        })
        await sink.start()
        try {
          return await sink.deliver(batch, never)
        } finally {
          await sink.stop()
        }
      }
      const ca = authority.cert
      // No certificate, one of somebody else, and a collector that is not the one that is trusted.
      for (const options of [{ ca }, { ca, cert: stranger.cert, key: stranger.key }, { ca: stranger.cert }]) {
        expect(await deliver(options)).toMatchObject({ kind: 'later' })
      }
      expect(await received(otelcol)).toEqual([])
      expect(await deliver({ ca, cert: client.cert, key: client.key })).toMatchObject({ kind: 'accepted' })
      expect((await received(otelcol)).map(lineOf)).toEqual(linesOf(batch))
    },
  )

  test.for(protocols)(
    '%s: a wrong token holds everything, and the right one lets it go',
    async (protocol) => {
      using directory = new WorkDirectory()
      const auth = { authenticator: 'bearertokenauth' }
      await using otelcol = await start({
        extensions: { bearertokenauth: { token: 'right-token' } },
        grpc: { auth },
        http: { auth },
      })
      directory.write('audit.log', auditLines(0, 1000))
      const file = directory.write('authorization', 'Bearer wrong-token')
      const config = configure(directory, {
        sinks: {
          out: {
            type: 'otlp',
            protocol,
            url: urlOf(otelcol, protocol),
            headers: { Authorization: { file } },
            retry: { initial: '50ms', max: '200ms' },
          },
        },
      })
      await using agent = startAgent(config)
      await agent.ready()
      await until(
        'the sink is held',
        async () => (await agent.metric('affiant_sink_held', '{sink="out"}')) === 1,
        () => agent.stderr,
      )
      writeFileSync(file, 'Bearer right-token')
      await until(
        'everything is delivered',
        async () => (await agent.metric('affiant_sink_lag_events', '{sink="out"}')) === 0,
        () => agent.stderr,
      )
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
      expect(agent.stderr).not.toContain('wrong-token')
      expect(compare(await exportedLines(config), (await received(otelcol)).map(lineOf))).toEqual(equal)
    },
  )

  test('an agent with config/otlp-collector.yaml', async () => {
    using directory = new WorkDirectory()
    await using otelcol = await start()
    directory.write('audit.log', auditLines(0, 1000).replaceAll('"text"', '"password"'))
    const env = {
      HOSTNAME: 'gate',
      AFFIANT_DATA: directory.at('data'),
      AFFIANT_LOGS: directory.path,
      AFFIANT_TELEMETRY: '127.0.0.1:0',
      OTLP_URL: urlOf(otelcol, 'grpc'),
    }
    await using agent = startAgent('config/otlp-collector.yaml', [], { env })
    await agent.ready()
    await until(
      'everything is delivered',
      async () => (await agent.metric('affiant_sink_events_total', '{sink="collector"}'))! >= 1000,
      () => agent.stderr,
    )
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)
    const lines = await exportedLines('config/otlp-collector.yaml', env)
    expect(compare(lines, (await received(otelcol)).map(lineOf))).toEqual(equal)
    expect(lines.join()).not.toContain('漢')
  })
})
