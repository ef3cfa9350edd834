/** `ExportLogsServiceRequest` in protobuf: opentelemetry/proto/logs/v1/logs.proto and common/v1/common.proto. */
import type { LogRecord } from '../../shapes/otlp/record.ts'
import { version } from '../../version.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/** Field numbers. */
const request = { resourceLogs: 1 } as const
const resourceLogs = { resource: 1, scopeLogs: 2 } as const
const resource = { attributes: 1 } as const
const scopeLogs = { scope: 1, logRecords: 2 } as const
const scope = { name: 1, version: 2 } as const
const logRecord = {
  time: 1,
  severityNumber: 2,
  severityText: 3,
  body: 5,
  attributes: 6,
  traceId: 9,
  spanId: 10,
  observedTime: 11,
  eventName: 12,
} as const
const anyValue = { string: 1, bool: 2, int: 3, double: 4, array: 5, map: 6 } as const
const values = { values: 1 } as const
const keyValue = { key: 1, value: 2 } as const

/** `groups`: records that share a resource. `bytes`: about how long it will be. */
export function encodeProtobuf(groups: readonly (readonly LogRecord[])[], bytes: number): Buffer {
  const writer = new ProtobufWriter(bytes)
  // The writer goes backwards: what comes last is written first.
  for (const group of groups.toReversed()) {
    writer.message(request.resourceLogs, () => {
      writer.message(resourceLogs.scopeLogs, () => {
        for (let index = group.length - 1; index >= 0; index--) {
          const record = group[index]!
          writer.message(scopeLogs.logRecords, () => writeRecord(writer, record))
        }
        writer.message(scopeLogs.scope, () => {
          writer.text(scope.version, version)
          writer.text(scope.name, 'affiant')
        })
      })
      writer.message(resourceLogs.resource, () =>
        writeAttributes(writer, resource.attributes, group[0]!.resource),
      )
    })
  }
  return writer.finish()
}

function writeRecord(writer: ProtobufWriter, record: LogRecord): void {
  if (record.eventName !== '') writer.text(logRecord.eventName, record.eventName)
  if (record.observedTime !== 0n) writer.fixed64(logRecord.observedTime, record.observedTime)
  if (record.spanId !== '') writer.bytes(logRecord.spanId, Buffer.from(record.spanId, 'hex'))
  if (record.traceId !== '') writer.bytes(logRecord.traceId, Buffer.from(record.traceId, 'hex'))
  writeAttributes(writer, logRecord.attributes, record.attributes)
  writer.message(logRecord.body, () => writeValue(writer, record.body))
  if (record.severityText !== '') writer.text(logRecord.severityText, record.severityText)
  if (record.severity !== 0) writer.int(logRecord.severityNumber, record.severity)
  if (record.time !== 0n) writer.fixed64(logRecord.time, record.time)
}

function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: readonly (readonly [string, unknown])[],
): void {
  for (let index = attributes.length - 1; index >= 0; index--) {
    const [name, value] = attributes[index]!
    const end = writer.end()
    writeValue(writer, value)
    writer.begin(keyValue.value, end)
    writer.text(keyValue.key, name)
    writer.begin(field, end)
  }
}

/** Any JSON value, or a text in bytes. `null` is a value without a kind. */
function writeValue(writer: ProtobufWriter, value: unknown): void {
  if (typeof value === 'string') writer.text(anyValue.string, value)
  else if (Buffer.isBuffer(value)) writer.bytes(anyValue.string, value)
  else if (typeof value === 'boolean') writer.int(anyValue.bool, value ? 1 : 0)
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.int(anyValue.int, value)
    else writer.double(anyValue.double, value)
  } else if (Array.isArray(value)) {
    writer.message(anyValue.array, () => {
      for (const item of value.toReversed()) writer.message(values.values, () => writeValue(writer, item))
    })
  } else if (typeof value === 'object' && value !== null) {
    writer.message(anyValue.map, () => writeAttributes(writer, values.values, Object.entries(value)))
  }
}
