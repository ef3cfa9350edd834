/** The audit signal from applications to what leaves the agent: signed, chained, sent again, over a kill, and told of where it fails. */
import { createHmac, hash } from 'node:crypto'
import type { Attributes } from '@opentelemetry/api'
import { OTLPLogExporter as GrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs'
import { expect, test } from 'vitest'
import { auditRecord, canonicalText } from '../../src/receivers/otlp/audit/canonical-record.ts'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn, invalid } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'
import { exportedLines } from '../peers/exported.ts'
import { type Any, record, request, text, uuid } from '../receivers/otlp/audit/records.ts'

const secret = 'the secret of the orders service'
const resource = { 'service.name': text('orders'), 'audit.integrity.algorithm': text('HMAC-SHA256') }

function signed(n: number, attributes: Readonly<Record<string, Any>> = {}) {
  const proof = {
    'audit.integrity.signer': text('producer'),
    'audit.integrity.canonicalization': text('jcs'),
  }
  const sent = record(n, { ...attributes, ...proof })
  const canonical = canonicalText(auditRecord(sent))
  const value = createHmac('sha256', secret).update(canonical).digest('base64')
  const list = [...(sent.attributes as object[]), { key: 'audit.integrity.value', value: text(value) }]
  return { canonical, value, sent: { ...sent, attributes: list } }
}

async function post(agent: AgentProcess, body: unknown) {
  const answer = await fetch(`http://${agent.audit}/v1/audit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, answer: JSON.parse(await answer.text()) }
}

const sequence = (number: number, previous?: string) => ({
  'audit.sequence.stream_id': text('orders-1'),
  'audit.sequence.number': { intValue: String(number) },
  ...(previous !== undefined && { 'audit.sequence.previous_hash': text(previous) }),
})

function setUp(directory: WorkDirectory): string {
  const key = directory.write('hmac', secret)
  return configure(directory, {
    agent: { workers: 1 },
    receivers: {
      audit: {
        type: 'otlp_audit',
        http: { listen: '127.0.0.1:0' },
        grpc: { listen: '127.0.0.1:0' },
        keys: [{ id: 'orders', secret: key, default: true }],
      },
    },
  })
}

test('what was signed leaves as it came, with receipts that fit; chains go on after a kill', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  const config = setUp(directory)
  const out = directory.at('out.ndjson')
  const first = signed(1, sequence(1))
  const second = signed(2, sequence(2, hash('sha256', first.canonical)))
  let receipts: readonly Record<string, unknown>[]
  {
    await using agent = startAgent(config)
    await agent.ready()
    const { status, answer } = await post(agent, request([first.sent, second.sent], resource))
    expect(status).toBe(200)
    receipts = answer.receipts
    await until('delivered', () => eventsIn(out).length === 2)
    agent.signal('SIGKILL')
    await agent.ended
  }
  const lines = await exportedLines(config)
  for (const [n, { canonical, value }] of [first, second].entries()) {
    const event = eventsIn(out)[n]!
    expect(invalid(event)).toBeUndefined()
    expect(event).toMatchObject({
      id: uuid(n + 1),
      action: 'APPROVE',
      raw_data: canonical,
      raw: { sha256: hash('sha256', canonical) },
      integrity: {
        algorithm: 'HMAC-SHA256',
        canonicalization: 'jcs',
        signer: 'producer',
        value,
        verified: true,
        sequence: { number: n + 1, stream_id: 'orders-1' },
      },
      quality: { parse: 'ok' },
    })
    expect(event.quality.warnings).toBeUndefined()
    // Whoever has the line that left has the bytes that the receipt is of.
    const line = lines.find((each) => each.includes(`"id":"${uuid(n + 1)}"`))!
    const bytes = `${Buffer.from(line)
      .subarray(0, event.log.size - 1)
      .toString()}}`
    expect(receipts[n]).toEqual({
      recordId: uuid(n + 1),
      integrityHash: hash('sha256', canonical),
      sinkTimestamp: expect.stringMatching(/^\d{19}$/),
      eventHash: hash('sha256', bytes),
      verified: true,
    })
  }
  {
    await using agent = startAgent(config)
    await agent.ready()
    // The client that heard nothing sends once more, and goes on.
    const again = await post(agent, request([second.sent], resource))
    expect(again.answer.receipts).toMatchObject([
      { duplicate: true, integrityHash: hash('sha256', second.canonical) },
    ])
    const third = signed(3, sequence(3, hash('sha256', second.canonical)))
    expect((await post(agent, request([third.sent], resource))).answer.receipts).toMatchObject([
      { verified: true },
    ])
    const lost = signed(5, sequence(5, '00'.repeat(32)))
    const [gap] = (await post(agent, request([lost.sent], resource))).answer.receipts
    expect(gap.chainWarnings).toEqual(['number 4 of its chain never came here'])
    const forged = signed(6, sequence(6, '00'.repeat(32)))
    const [broken] = (await post(agent, request([forged.sent], resource))).answer.receipts
    expect(broken.chainWarnings).toEqual([
      `its previous_hash is not the hash of the record before it, ${uuid(5)}`,
    ])
    // A signature that fails keeps all of its request out.
    const changed = { ...signed(8).sent, eventName: 'order.reject' }
    const refused = await post(agent, request([signed(7).sent, changed], resource))
    expect(refused).toMatchObject({ status: 400, answer: { code: 3 } })
    const conflict = await post(
      agent,
      request([signed(3, { 'audit.outcome': text('failure') }).sent], resource),
    )
    expect(conflict).toMatchObject({ status: 409, answer: { code: 6 } })
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
    expect(agent.stderr).not.toContain('resumed')
  }
  const events = (await exportedLines(config)).map((line) => JSON.parse(line))
  const own = (action: string) => events.filter((event) => event.action === action)
  expect(events.filter(({ provenance }) => provenance.receiver === 'audit').map(({ id }) => id)).toEqual(
    [1, 2, 3, 5, 6].map(uuid),
  )
  for (const event of events) expect(invalid(event)).toBeUndefined()
  expect(own('affiant.stream.opened')).toMatchObject([
    { metadata: { audit_stream: 'orders-1', receiver: 'audit' } },
  ])
  expect(own('affiant.chain.gap')).toMatchObject([{ metadata: { record_id: uuid(5), number: '5' } }])
  expect(own('affiant.chain.violated')).toMatchObject([{ severity: 18, metadata: { record_id: uuid(6) } }])
  expect(own('affiant.signature.failed')).toMatchObject([
    {
      severity: 18,
      outcome: { result: 'denied' },
      metadata: { count: 1, records: [{ index: 1, id: uuid(8), algorithm: 'HMAC-SHA256' }] },
    },
  ])
})

test('the official exporters, over JSON, protobuf and gRPC', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  const config = setUp(directory)
  const out = directory.at('out.ndjson')
  await using agent = startAgent(config)
  await agent.ready()
  const exporters: readonly LogRecordExporter[] = [
    new JsonExporter({ url: `http://${agent.audit}/v1/audit` }),
    new ProtobufExporter({ url: `http://${agent.audit}/v1/audit` }),
    new GrpcExporter({ url: `http://${agent.auditGrpc}` }),
  ]
  const each = 200
  const start = Date.UTC(2026, 10, 23, 11)
  for (const [n, exporter] of exporters.entries()) {
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': 'orders' }),
      processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: each, maxExportBatchSize: 64 })],
    })
    const logger = provider.getLogger('audit')
    for (let index = 0; index < each; index++) {
      const attributes: Attributes = {
        'audit.record.id': uuid(1000 * n + index),
        'audit.actor.id': `u_${index}`,
        'audit.actor.type': 'user',
        'audit.action': 'REFUND',
        'audit.outcome': 'success',
        'audit.target.id': `o_${index}`,
        'audit.target.type': 'order',
        'audit.schema.version': '1.0.0',
        'audit.sequence.stream_id': `exporter-${n}`,
        'audit.sequence.number': index + 1,
        amount: 1.5,
        large: 2 ** 52,
        nested: { list: ['a', 1, true] },
      }
      logger.emit({
        eventName: 'order.refund',
        timestamp: start,
        observedTimestamp: start + 1,
        body: { n: index },
        attributes,
      })
    }
    await provider.forceFlush()
    await provider.shutdown()
  }
  await until('all of them', () => eventsIn(out).length === each * exporters.length)
  const events = eventsIn(out)
  expect(new Set(events.map(({ id }) => id)).size).toBe(each * exporters.length)
  for (const event of events) expect(event.quality).toEqual({ parse: 'ok' })
  // Whichever way they came, their canonical forms differ in what was sent alone.
  const bare = (line: { raw_data?: string | undefined }) =>
    line.raw_data!.replace(/0193f1c8-[0-9a-f-]+/, 'id').replace(/exporter-\d/, 'exporter')
  const forms = [0, 1, 2].map((n) => events.slice(n * each, (n + 1) * each).map(bare))
  expect(forms[1]).toEqual(forms[0])
  expect(forms[2]).toEqual(forms[0])
})
