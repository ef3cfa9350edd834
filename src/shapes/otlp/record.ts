/**
 * An event as a log record, whatever the encoding. Attribute names are those of OpenTelemetry's draft audit signal
 * (OTEP 0267) where it has one.
 */

type AttributeValue = string | number

export interface LogRecord {
  /** Unix nanoseconds; 0 where unknown. */
  readonly time: bigint
  readonly observedTime: bigint
  /** 1–24; 0 where the event has none. */
  readonly severity: number
  readonly severityText: string
  readonly eventName: string
  readonly attributes: readonly (readonly [name: string, value: AttributeValue])[]
  /** Hex digits, or ''. */
  readonly traceId: string
  readonly spanId: string
  /** The output line as text (its bytes, for encodings that take bytes), or the event. */
  readonly body: unknown
  /** Attributes of its resource, in order. */
  readonly resource: readonly (readonly [name: string, value: string])[]
}

/** `line`: the output line without its newline. `body`: in the place of the event as a map. */
export function recordOf(line: string, body?: string | Buffer): LogRecord {
  const parsed: unknown = JSON.parse(line)
  const event = mapOf(parsed)
  const request = mapOf(event.request)
  const severity = typeof event.severity === 'number' ? event.severity : 0
  return {
    time: nanosOf(event.time),
    observedTime: nanosOf(event.observed_time),
    severity,
    severityText: severityText(severity),
    eventName: textOf(event.action),
    attributes: attributesOf(event),
    traceId: hexOf(request.trace_id, 32),
    spanId: hexOf(request.span_id, 16),
    body: body ?? parsed,
    resource: resourceOf(mapOf(event.producer)),
  }
}

type Members = Readonly<Record<string, unknown>>

function attributesOf(event: Members): (readonly [string, AttributeValue])[] {
  const actor = mapOf(event.actor)
  const outcome = mapOf(event.outcome)
  const target = mapOf(Array.isArray(event.targets) ? (event.targets as readonly unknown[])[0] : undefined)
  const log = mapOf(event.log)
  const attributes: (readonly [string, AttributeValue])[] = []
  const add = (name: string, value: unknown) => {
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') {
      attributes.push([name, value])
    }
  }
  add('audit.record.id', event.id)
  add('audit.actor.id', actor.id)
  add('audit.actor.type', actor.type)
  add('audit.action', event.action)
  add('audit.outcome', outcome.result)
  add('audit.target.id', target.id)
  add('audit.target.type', target.type)
  add('audit.category', event.category)
  add('audit.operation', event.operation)
  add('audit.schema.version', event.schema)
  add('audit.sequence.stream_id', log.origin)
  add('audit.sequence.number', log.seq)
  return attributes
}

function resourceOf({ service, product, version, host, region }: Members): (readonly [string, string])[] {
  const all: readonly (readonly [string, unknown])[] = [
    // As the preset of our own receiver reads them.
    ['service.name', product ?? service],
    ['service.namespace', product === undefined ? undefined : service],
    ['service.version', version],
    ['host.name', host],
    ['cloud.region', region],
  ]
  return all.filter((pair): pair is [string, string] => typeof pair[1] === 'string')
}

const nothing: Members = {}

const mapOf = (value: unknown): Members => (isMap(value) ? value : nothing)

const isMap = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What is no id of this length is left out: receivers refuse whole requests for it. */
function hexOf(value: unknown, digits: number): string {
  const text = textOf(value)
  return text.length === digits && /^[0-9a-f]+$/i.test(text) && !/^0+$/.test(text) ? text : ''
}

/** Many events have the second of the one before. */
let known = { second: '', nanos: 0n }

/** Nanoseconds of an RFC 3339 time in UTC, to the last digit. */
function nanosOf(value: unknown): bigint {
  const text = textOf(value)
  const second = text.slice(0, 19)
  if (second !== known.second) {
    const seconds = Date.parse(`${second}Z`) / 1000
    if (Number.isNaN(seconds)) return 0n
    known = { second, nanos: BigInt(seconds) * 1_000_000_000n }
  }
  const fraction = /^\.(\d{1,9})/.exec(text.slice(19))?.[1] ?? ''
  const nanos = known.nanos + BigInt(fraction.padEnd(9, '0'))
  // The field is unsigned: times before 1970 are not known to it.
  return nanos > 0n ? nanos : 0n
}

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

/** The short names of the log data model: INFO, INFO2 … */
function severityText(number: number): string {
  if (!Number.isInteger(number) || number < 1 || number > 24) return ''
  const step = (number - 1) % 4
  return `${severities[Math.floor((number - 1) / 4)]!}${step === 0 ? '' : step + 1}`
}
