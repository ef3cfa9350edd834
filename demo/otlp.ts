// `npm run demo:otlp`: an order service that audits through the OpenTelemetry SDK, as an application of yours would.
// It says "the agent has it" only after the agent answered, and the agent answers after its journal is on disk.
import { randomBytes, randomUUID } from 'node:crypto'
import { type Attributes, ROOT_CONTEXT, SeverityNumber, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs'

const base = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://127.0.0.1:4318'
const url = `${base.replace(/\/$/, '')}/v1/logs`
const say = (text: string) => process.stdout.write(`${text}\n`)

// The batch processor keeps the exporter's answers to itself; an audit trail wants to hear them.
let taken = 0
let refusal = 'no answer'
const otlp = new OTLPLogExporter({ url, timeoutMillis: 2_000 })
const exporter: LogRecordExporter = {
  export: (records, done) =>
    otlp.export(records, (result) => {
      if (result.code === 0) taken += records.length
      else refusal = result.error?.message || 'the export failed'
      done(result)
    }),
  forceFlush: () => otlp.forceFlush(),
  shutdown: () => otlp.shutdown(),
}
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ 'service.name': 'orders', 'service.version': '2.4.0' }),
  processors: [new BatchLogRecordProcessor({ exporter })],
})
const audit = provider.getLogger('orders.audit', '2.4.0')
let sent = 0
/** One request of a user: everything audited in it carries the same trace. */
function request(actor: string, ip: string) {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  return (action: string, outcome: 'success' | 'failure', target: string, more: Attributes = {}) => {
    const [type, id] = target.split('/')
    say(
      `  ${actor.padEnd(6)} ${action.padEnd(14)} ${target.padEnd(14)} ${outcome.padEnd(8)} trace ${traceId}`,
    )
    sent++
    audit.emit({
      eventName: action,
      severityNumber: outcome === 'success' ? SeverityNumber.INFO : SeverityNumber.WARN,
      body: `${actor} ${action} ${target}: ${outcome}`,
      attributes: {
        'audit.record.id': randomUUID(), // stable over retries: sent twice, it is still one event
        'audit.actor.id': actor,
        'audit.actor.type': 'user',
        'audit.action': action,
        'audit.outcome': outcome,
        'audit.target.type': type,
        'audit.target.id': id,
        'client.address': ip,
        ...more,
      },
      context,
    })
  }
}

say(`Sending audit records to ${url}:`)
const customer = request('u_42', '203.0.113.7')
customer('user.login', 'success', 'user/u_42', { 'auth.mfa': true })
customer('order.create', 'success', 'order/o_1001', { 'order.total': 129.9, 'order.items': ['lamp', 'desk'] })
request('u_13', '198.51.100.23')('user.login', 'failure', 'user/u_13', { 'error.type': 'wrong_password' })
const clerk = request('u_7', '192.0.2.15')
clerk('order.refund', 'failure', 'order/o_1001', { 'error.type': 'denied', reason: 'over 100 EUR' })
clerk('order.read', 'success', 'order/o_1001')

await provider.shutdown().catch(() => {}) // sends what is left, first
if (taken < sent) {
  process.stderr.write(
    `\nThe agent took ${taken} of ${sent} (${refusal}): run npm start, in another terminal.\n`,
  )
  process.exit(1)
}
say(`\nThe agent answered 200: all ${sent} are in its journal, on disk. npm start's terminal shows them.`)
