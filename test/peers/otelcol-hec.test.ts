/** The `splunk_hec` sink and an OpenTelemetry Collector's HEC receiver, with tokens and acknowledgements. */
import { appendFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { batchOfMany, linesOf } from '../sinks/batches.ts'
import { hecSink } from '../sinks/splunk_hec/sink.ts'
import { delivered } from './delivered.ts'
import { compare, equal, exportedLines } from './exported.ts'
import { auditLines } from './otelcol/audit-lines.ts'
import { interrupt } from './otelcol/interrupt.ts'
import { lineOf } from './otelcol/lines.ts'
import { findOtelcol, Otelcol } from './otelcol/otelcol.ts'
import type { Received } from './otelcol/received.ts'

const program = await findOtelcol()
const never = new AbortController().signal

/** It takes these tokens, and says with each event which one it came with. */
const start = (tokens: readonly string[] = ['secret-token']) =>
  Otelcol.start(program ?? '', {
    extensions: { ack: {}, bearertokenauth: { scheme: 'Splunk', tokens } },
    hec: {
      ack: { extension: 'ack' },
      auth: { authenticator: 'bearertokenauth' },
      access_token_passthrough: true,
    },
  })

const urlOf = ({ hecPort }: Otelcol) => `http://127.0.0.1:${hecPort}`
const received = (...otelcols: readonly Otelcol[]) =>
  Promise.all(otelcols.map((otelcol) => Array.fromAsync(otelcol.received()))).then((all) => all.flat())

/** What Splunk would keep beside the event. */
function metadataOf({ resource, attributes, time }: Received) {
  const { 'host.name': host, ...rest } = resource
  const member = (name: string) => rest[`com.splunk.${name}`]
  return {
    token: member('hec.access_token'),
    index: member('index'),
    source: member('source'),
    sourcetype: member('sourcetype'),
    host,
    fields: { ...attributes },
    time,
  }
}

/** A double of seconds has no nanoseconds today. */
function isNear(time: bigint, text: string): boolean {
  const exact =
    BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1_000_000n + BigInt(text.slice(20, -1).padEnd(9, '0'))
  const apart = time - exact
  return apart < 1_000n && apart > -1_000n
}

describe.skipIf(program === undefined)('an OpenTelemetry Collector as Splunk', () => {
  test.for(['gzip', 'none'])(
    'event, %s: every event with its metadata, settled by acknowledgement',
    async (compression) => {
      using directory = new WorkDirectory()
      await using otelcol = await start()
      directory.write('audit.log', auditLines(0, 3000))
      const config = configure(directory, {
        sinks: {
          out: {
            type: 'splunk_hec',
            url: urlOf(otelcol),
            token: 'secret-token',
            compression,
            index: 'audit_{category}',
            source: 'affiant',
            sourcetype: 'affiant:{operation}',
            host: '{producer.host}',
            fields: { actor: '{actor.id}', session: '{session.id}' },
            acknowledge: true,
            ack: { interval: '20ms' },
          },
        },
      })
      await using agent = startAgent(config)
      await agent.ready()
      await delivered(agent, 3000)
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
      const records = await received(otelcol)
      expect(compare(await exportedLines(config), records.map(lineOf))).toEqual(equal)
      for (const record of records) {
        const { time, ...metadata } = metadataOf(record)
        const event = JSON.parse(lineOf(record))
        expect(isNear(time, event.time)).toBe(true)
        expect(metadata).toEqual({
          token: 'secret-token',
          index: `audit_${event.category}`,
          source: 'affiant',
          sourcetype: `affiant:${event.operation}`,
          host: event.producer.host,
          fields: { actor: event.actor.id },
        })
      }
    },
  )

  test.for(['gzip', 'none'])('raw, %s: every line, equal in every byte', async (compression) => {
    using directory = new WorkDirectory()
    await using otelcol = await start()
    directory.write('audit.log', auditLines(0, 3000))
    const config = configure(directory, {
      sinks: {
        out: {
          type: 'splunk_hec',
          endpoint: 'raw',
          url: urlOf(otelcol),
          token: 'secret-token',
          compression,
          index: 'audit_{category}',
          source: 'a b&c',
          acknowledge: true,
          ack: { interval: '20ms' },
        },
      },
    })
    await using agent = startAgent(config)
    await agent.ready()
    await delivered(agent, 3000)
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)
    const records = await received(otelcol)
    for (const record of records) {
      // Not taken apart, as the other endpoint does.
      expect(record.body).toBeTypeOf('string')
      expect(metadataOf(record)).toMatchObject({
        index: `audit_${JSON.parse(lineOf(record)).category}`,
        source: 'a b&c',
        sourcetype: 'affiant:audit',
      })
    }
    expect(compare(await exportedLines(config), records.map(lineOf))).toEqual(equal)
  })

  test('what it has taken is not delivered before it is acknowledged', async () => {
    await using otelcol = await Otelcol.start(program ?? '', {
      extensions: { ack: {} },
      // Questions are asked where Splunk answers them, and here nobody does.
      hec: { ack: { extension: 'ack', path: '/elsewhere' } },
    })
    const sink = hecSink({ url: urlOf(otelcol), acknowledge: true })
    onTestFinished(() => sink.stop())
    await sink.start()
    const batch = batchOfMany(5)
    expect(await sink.deliver(batch, never)).toEqual({
      kind: 'later',
      reason: expect.stringMatching(/^not acknowledged within 300 ms: HTTP 400/),
    })
    await otelcol.stop()
    await otelcol.start({ extensions: { ack: {} }, hec: { ack: { extension: 'ack' } } })
    await expect
      .poll(() => sink.deliver(batch, never), { timeout: 5_000 })
      .toMatchObject({ kind: 'accepted' })
    const lines = (await received(otelcol)).map(lineOf)
    expect(new Set(lines)).toEqual(new Set(linesOf(batch)))
    expect(lines.length).toBeGreaterThanOrEqual(10)
  })

  test.for(['event', 'raw'])(
    '%s: it is stopped, killed and started again in the middle, and nothing is missing',
    async (endpoint) => {
      using directory = new WorkDirectory()
      await using otelcol = await start()
      const input = directory.write('audit.log', '')
      const config = configure(directory, {
        sinks: {
          out: {
            type: 'splunk_hec',
            endpoint,
            url: urlOf(otelcol),
            token: 'secret-token',
            acknowledge: true,
            ack: { interval: '20ms', timeout: '2s' },
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
      const { missing, foreign } = compare(await exportedLines(config), (await received(otelcol)).map(lineOf))
      expect({ missing, foreign }).toEqual({ missing: [], foreign: [] })
    },
  )

  test('an agent with config/splunk.yaml: two collectors, a token and an index by route', async () => {
    using directory = new WorkDirectory()
    const tokens = ['main-token', 'payments-token']
    await using first = await start(tokens)
    await using second = await start(tokens)
    const input = directory.write('audit.log', '')
    const env = {
      HOSTNAME: 'gate',
      AFFIANT_DATA: directory.at('data'),
      AFFIANT_LOGS: directory.path,
      AFFIANT_TELEMETRY: '127.0.0.1:0',
      SPLUNK_URL: urlOf(first),
      SPLUNK_SECOND_URL: urlOf(second),
      SPLUNK_TOKEN_FILE: directory.write('token', 'main-token\n'),
      SPLUNK_PAYMENTS_TOKEN_FILE: directory.write('payments-token', 'payments-token\n'),
    }
    const actions = ['invoice.approve', 'user.login', 'order.read']
    const line = (n: number) =>
      `${JSON.stringify({
        ts: '2026-05-01T10:00:00Z',
        action: actions[n % 3],
        user: `u_${n}`,
        project: n % 3 === 0 ? 'payments' : 'shop',
      })}\n`
    await using agent = startAgent('config/splunk.yaml', [], { env })
    await agent.ready()
    let written = 0
    const writing = setInterval(() => {
      for (let n = 0; n < 10; n++) appendFileSync(input, line(written++))
    }, 20)
    await until('enough for both', () => written >= 1200)
    clearInterval(writing)
    await delivered(agent, written, 'siem')
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)

    const records = await received(first, second)
    expect(compare(await exportedLines('config/splunk.yaml', env), records.map(lineOf))).toEqual(equal)
    for (const each of [first, second]) expect((await received(each)).length).toBeGreaterThan(100)
    const seen = new Set<unknown>()
    for (const record of records) {
      const { action, actor, category } = JSON.parse(lineOf(record))
      const { time: _time, ...metadata } = metadataOf(record)
      const payments = action === 'invoice.approve'
      const login = category === 'authentication'
      seen.add(metadata.index)
      expect(metadata).toEqual({
        token: payments ? 'payments-token' : 'main-token',
        index: payments ? 'audit_payments' : login ? 'audit_logins' : 'audit',
        source: 'affiant',
        sourcetype: 'affiant:audit',
        host: 'gate',
        fields: { actor: actor.id, action },
      })
    }
    expect(seen).toEqual(new Set(['audit', 'audit_logins', 'audit_payments']))
  })
})
