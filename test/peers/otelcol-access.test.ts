/** Certificates and tokens before an OpenTelemetry Collector. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { batchOfMany, linesOf } from '../sinks/batches.ts'
import { otlpSink } from '../sinks/otlp/sink.ts'
import { hecSink } from '../sinks/splunk_hec/sink.ts'
import { makeAuthority, makeCertificate } from './certificates.ts'
import { delivered } from './delivered.ts'
import { compare, equal, exportedLines } from './exported.ts'
import { auditLines } from './otelcol/audit-lines.ts'
import { lineOf } from './otelcol/lines.ts'
import { findOtelcol, Otelcol, type OtelcolOptions } from './otelcol/otelcol.ts'

const program = await findOtelcol()
const never = new AbortController().signal
const protocols = ['http/protobuf', 'http/json', 'grpc'] as const

const start = (options?: OtelcolOptions) => Otelcol.start(program ?? '', options)
const received = (otelcol: Otelcol) => Array.fromAsync(otelcol.received())
const urlOf = (otelcol: Otelcol, protocol: string, scheme = 'http') =>
  `${scheme}://127.0.0.1:${protocol === 'grpc' ? otelcol.grpcPort : otelcol.httpPort}`

describe.skipIf(program === undefined)('an OpenTelemetry Collector', () => {
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
      await delivered(agent, 1000)
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
      expect(agent.stderr).not.toContain('wrong-token')
      expect(compare(await exportedLines(config), (await received(otelcol)).map(lineOf))).toEqual(equal)
    },
  )

  test('splunk_hec: a wrong token is held, and no event of it arrives', async () => {
    await using otelcol = await start({
      extensions: { bearertokenauth: { scheme: 'Splunk', token: 'right-token' } },
      hec: { auth: { authenticator: 'bearertokenauth' } },
    })
    const sink = hecSink({
      url: `http://127.0.0.1:${otelcol.hecPort}`,
      token: 'wrong-token',
      acknowledge: true,
    })
    onTestFinished(() => sink.stop())
    await sink.start()
    const outcome = await sink.deliver(batchOfMany(5), never)
    expect(outcome).toMatchObject({ kind: 'held', reason: expect.stringMatching(/^HTTP 401/) })
    expect(JSON.stringify(outcome)).not.toContain('wrong-token')
    expect(await received(otelcol)).toEqual([])
  })
})
