/** What is sent: requests of log records with 15 attributes each, as applications write them about what users do. */
import { createDraw, type Draw } from '../normalise/draw.ts'
import { exportRequest } from './schema.ts'

const seed = 20_261_130

const verbs = ['create', 'read', 'update', 'delete', 'approve', 'export'] as const
const nouns = ['invoice', 'order', 'customer', 'report'] as const
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'billing-cli/3.4 node/24.21.0',
] as const

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const integer = (key: string, intValue: number) => ({ key, value: { intValue } })

/** Record `n`. No two are alike: each has an id, a trace and a time of its own. */
function logRecord(draw: Draw, n: number, hasId: boolean): object {
  const noun = draw.pick(nouns)
  const action = `${noun}.${draw.pick(verbs)}`
  const user = draw.user()
  const status = draw.pick([200, 200, 200, 403])
  return {
    timeUnixNano: protobufTime(draw.time(n), draw.int(1e6)),
    observedTimeUnixNano: protobufTime(draw.time(n) + 1, draw.int(1e6)),
    severityNumber: 9,
    severityText: 'INFO',
    eventName: action,
    body: { stringValue: `${user} asked for ${action}` },
    traceId: Buffer.from(draw.hex(32), 'hex'),
    spanId: Buffer.from(draw.hex(16), 'hex'),
    attributes: [
      text(hasId ? 'audit.record.id' : 'audit.reference', draw.uuid()),
      text('audit.action', action),
      text('audit.actor.id', user),
      text('audit.actor.type', 'user'),
      text('audit.target.type', noun),
      text('audit.target.id', `${noun}_${draw.int(1e6)}`),
      text('audit.outcome', status === 200 ? 'success' : 'denied'),
      text('client.address', draw.ip()),
      integer('client.port', 1024 + draw.int(60_000)),
      text('session.id', `sess_${draw.hex(12)}`),
      text('http.request.method', 'POST'),
      integer('http.response.status_code', status),
      text('url.path', `/api/${noun}s/${draw.int(1e6)}`),
      text('user_agent.original', draw.pick(agents)),
      // By which the sink counts.
      text('http.request.id', `req_${draw.hex(16)}`),
    ],
  }
}

/** As protobufjs takes 64 bits: two halves. */
function protobufTime(milliseconds: number, nanoseconds: number): object {
  const time = BigInt(milliseconds) * 1_000_000n + BigInt(nanoseconds)
  return { low: Number(time & 0xffff_ffffn) | 0, high: Number(time >> 32n), unsigned: true }
}

const resource = {
  attributes: [
    text('service.name', 'billing'),
    text('service.version', '3.4.1'),
    text('service.namespace', 'shop'),
    text('host.name', 'billing-7'),
    text('cloud.region', 'eu-central-1'),
    text('deployment.environment.name', 'production'),
  ],
}

/** `count` requests of `batch` records each, encoded; with ids of their own, or without. */
export function encodeBodies(count: number, batch: number, { ids = true } = {}): Buffer[] {
  const draw = createDraw(seed)
  return Array.from({ length: count }, (_, i) => {
    const logRecords = Array.from({ length: batch }, (__, k) => logRecord(draw, i * batch + k, ids))
    const scopeLogs = [{ scope: { name: 'audit', version: '1.2.0' }, logRecords }]
    return Buffer.from(exportRequest.encode({ resourceLogs: [{ resource, scopeLogs }] }).finish())
  })
}
