import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { batchOfMany } from '../sinks/batches.ts'
import { otlpSink } from '../sinks/otlp/sink.ts'
import { delivered } from './delivered.ts'
import { compare, equal, exportedLines } from './exported.ts'
import { auditLines } from './otelcol/audit-lines.ts'
import { recordFor } from './otelcol/expected-record.ts'
import { interrupt } from './otelcol/interrupt.ts'
import { lineOf } from './otelcol/lines.ts'
import { findOtelcol, Otelcol, type OtelcolOptions } from './otelcol/otelcol.ts'

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
      const written = await interrupt(otelcol, input)
      await delivered(agent, written)
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
      const lines = await exportedLines(config)
      expect(lines.length).toBeGreaterThanOrEqual(written)
      // Twice may be what had no answer when it stopped.
      const { twice: _twice, ...rest } = compare(lines, (await received(otelcol)).map(lineOf))
      expect(rest).toEqual({ missing: [], foreign: [] })
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
    await delivered(agent, 1000, 'collector')
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)
    const lines = await exportedLines('config/otlp-collector.yaml', env)
    expect(compare(lines, (await received(otelcol)).map(lineOf))).toEqual(equal)
    expect(lines.join()).not.toContain('漢')
  })
})
