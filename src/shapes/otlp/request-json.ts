/** `ExportLogsServiceRequest` in JSON: the OTLP specification, section "JSON Protobuf Encoding". */
import { version } from '../../version.ts'
import type { LogRecord } from './record.ts'

/** `groups`: records that share a resource. */
export function requestJson(groups: readonly (readonly LogRecord[])[]): string {
  const resourceLogs = groups.map((group) => ({
    resource: { attributes: attributesOf(group[0]!.resource) },
    scopeLogs: [{ scope: { name: 'affiant', version }, logRecords: group.map(jsonOf) }],
  }))
  return JSON.stringify({ resourceLogs })
}

function jsonOf(record: LogRecord): object {
  const { time, observedTime, severity, severityText, eventName, attributes, traceId, spanId, body } = record
  return {
    ...(time !== 0n && { timeUnixNano: String(time) }),
    ...(observedTime !== 0n && { observedTimeUnixNano: String(observedTime) }),
    ...(severity !== 0 && { severityNumber: severity, severityText }),
    body: anyValueOf(body),
    attributes: attributesOf(attributes),
    ...(traceId !== '' && { traceId }),
    ...(spanId !== '' && { spanId }),
    ...(eventName !== '' && { eventName: eventName.toWellFormed() }),
  }
}

const attributesOf = (attributes: readonly (readonly [string, unknown])[]): object[] =>
  attributes.map(([key, value]) => ({ key: key.toWellFormed(), value: anyValueOf(value) }))

function anyValueOf(value: unknown): object {
  // Half a surrogate pair is no text to JSON parsers of protobuf.
  if (typeof value === 'string') return { stringValue: value.toWellFormed() }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? { intValue: String(value) }
      : { doubleValue: value }
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValueOf) } }
  if (typeof value === 'object' && value !== null) {
    return { kvlistValue: { values: attributesOf(Object.entries(value)) } }
  }
  return {}
}
