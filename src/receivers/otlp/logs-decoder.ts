/**
 * `ExportLogsServiceRequest` from protobuf, in chunks.
 * https://github.com/open-telemetry/opentelemetry-proto (collector/logs/v1, logs/v1, resource/v1, common/v1)
 *
 * Fields may come in any order, so a resource may follow the records it describes: each ResourceLogs and each
 * ScopeLogs is walked twice, and the first walk steps over its records by their lengths.
 */
import { AffiantError } from '../../errors.ts'
import type { DecodedRecord, LineRecord, TextRecord } from '../../event/record.ts'
import { chunkBytes, chunkRecords } from '../server/intake-stream.ts'
import { type Around, aroundOf } from './around-layout.ts'
import { besideLength, chunkBeside } from './beside-length.ts'
import { idleTurn } from './limits.ts'
import type { PlainRecords } from './plain-records.ts'
import { ProtobufReader, wire } from './protobuf.ts'
import { readAnyValue, readAttribute, readText } from './protobuf-values.ts'
import {
  type Attributes,
  besideLog,
  finishRecord,
  hexId,
  type LogRecordValue,
  severityNumber,
} from './record.ts'
import { RecordDigests } from './record-digest.ts'
import { readResource, readScope } from './resource-decoder.ts'
import { TooManyValues, unreadRecord } from './too-many-values.ts'
import { Warnings } from './warnings.ts'

/**
 * Yields chunks. An empty one says that it has worked for a while without any record, and that others may have their turn. Throws
 * `bad_request` where the body is not what it should be.
 */
export function decodeProtobufLogs(body: Buffer): Generator<DecodedRecord[], void, undefined> {
  return decode(body, undefined) as Generator<DecodedRecord[], void, undefined>
}

/**
 * The same, with what is plain by its values: they lie in `plain.values` until the next chunk is begun. A chunk ends
 * there, too, where there is no more room.
 */
export function decodePlainLogs(body: Buffer, plain: PlainRecords): Generator<Decoded[], void, undefined> {
  return decode(body, plain)
}

type Decoded = DecodedRecord | LineRecord | TextRecord

function* decode(body: Buffer, plain: PlainRecords | undefined): Generator<Decoded[], void, undefined> {
  const reader = new ProtobufReader(body)
  const digests = new RecordDigests(body)
  let chunk: Decoded[] = []
  let chunkStart = 0
  /** Of what its records have beside what they say themselves. */
  let beside = 0
  const end = body.length
  const at: Place = { resourceLogs: -1, scopeLogs: -1, logRecords: -1 }
  let idle = 0
  while (reader.position < end) {
    if (!enter(reader, end, 1, 'ExportLogsServiceRequest.resource_logs')) continue
    at.resourceLogs++
    at.scopeLogs = -1
    if (++idle % idleTurn === 0) yield []
    const resourceEnd = reader.lengthEnd(end)
    const resource = describe(reader, resourceEnd, readResource)
    let resourceLength = -1
    while (reader.position < resourceEnd) {
      if (!enter(reader, resourceEnd, 2, 'ResourceLogs.scope_logs')) continue
      at.scopeLogs++
      at.logRecords = -1
      if (++idle % idleTurn === 0) yield []
      const scopeEnd = reader.lengthEnd(resourceEnd)
      const scope = describe(reader, scopeEnd, readScope)
      digests.describe(resource.value, scope.value)
      const told = new Warnings()
      told.addAll(resource.warnings)
      told.addAll(scope.warnings)
      let around: Around | undefined
      let aroundLength = 0
      while (reader.position < scopeEnd) {
        if (!enter(reader, scopeEnd, 2, 'ScopeLogs.log_records')) continue
        at.logRecords++
        // Of scopes without any record there may be millions.
        if (at.logRecords === 0) {
          if (resourceLength < 0) resourceLength = besideLength(resource.value)
          aroundLength = resourceLength + besideLength(scope.value)
          if (plain && told.list() === undefined)
            around = aroundOf(
              besideLog(resource.value, scope.value),
              resource.value.attributes['service.name'],
            )
        }
        const recordEnd = reader.lengthEnd(scopeEnd)
        const start = reader.position
        if (around && chunk.length > 0 && !plain!.hasRoom(start, recordEnd, around)) {
          yield chunk
          chunk = []
          chunkStart = start
          beside = 0
        }
        // And not before: of the last chunk they stay, though nothing follows.
        if (chunk.length === 0) plain?.clear()
        const layout = around && plain!.take(start, recordEnd, around)
        if (layout !== undefined) {
          reader.position = recordEnd
          const { first, id, uuidAt, observed } = plain!
          const isKnown = id !== undefined || uuidAt !== undefined
          const contentAt = isKnown ? plain!.aside(digests.of(start, recordEnd, observed)) : undefined
          chunk.push({ layout, first, id, uuidAt, contentAt })
        } else {
          const warnings = new Warnings()
          warnings.addAll(told)
          const log = readRecordAt(at, reader, recordEnd, warnings)
          if (log === undefined) chunk.push(unreadRecord(body.subarray(start, recordEnd)))
          else {
            const finished = finishRecord(log, resource.value, scope.value, warnings)
            const size = recordEnd - start
            const record = size < chunkBytes ? finished : { ...finished, size }
            chunk.push(record.id ? { ...record, content: digests.of(start, recordEnd) } : record)
          }
        }
        beside += aroundLength
        const isLong = recordEnd - chunkStart >= chunkBytes || beside >= chunkBeside
        if (chunk.length === chunkRecords || isLong) {
          yield chunk
          chunk = []
          chunkStart = recordEnd
          beside = 0
        }
      }
    }
  }
  if (chunk.length > 0) yield chunk
}

/** Of the record under way, in its request. */
interface Place {
  resourceLogs: number
  scopeLogs: number
  logRecords: number
}

/**
 * As `readLogRecord`; what it throws says which record it was, since nobody counts bytes to know. Undefined where it has too many
 * values.
 */
function readRecordAt(
  at: Place,
  reader: ProtobufReader,
  end: number,
  warnings: Warnings,
): LogRecordValue | undefined {
  try {
    reader.values = 0
    return readLogRecord(reader, end, warnings)
  } catch (thrown) {
    if (thrown instanceof TooManyValues) {
      reader.position = end
      return undefined
    }
    if (!(thrown instanceof AffiantError)) throw thrown
    const place = `resourceLogs[${at.resourceLogs}].scopeLogs[${at.scopeLogs}].logRecords[${at.logRecords}]`
    throw new AffiantError(thrown.code, `${thrown.message}, in ${place}`)
  }
}

/** Steps over one field unless it is `field`; then the reader stands at its length. */
function enter(reader: ProtobufReader, end: number, field: number, name: string): boolean {
  const tag = reader.tag(end)
  if (tag >>> 3 === field) {
    reader.expect(tag, wire.bytes, name)
    return true
  }
  reader.skip(tag, end)
  return false
}

/** The first walk: reads what describes the records, then puts the reader back. */
function describe<T>(
  reader: ProtobufReader,
  end: number,
  read: (reader: ProtobufReader, end: number, warnings: Warnings) => T,
): { readonly value: T; readonly warnings: Warnings } {
  const start = reader.position
  const warnings = new Warnings()
  reader.values = 0
  const value = read(reader, end, warnings)
  reader.position = start
  return { value, warnings }
}

/** Of a number or a text that comes twice the last one counts, also where that says "not set"; messages are merged. */
function readLogRecord(reader: ProtobufReader, end: number, warnings: Warnings): LogRecordValue {
  reader.openWindow(end)
  const attributes: Attributes = {}
  const log: LogRecordValue = { attributes }
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1: {
        reader.expect(tag, wire.fixed64, 'LogRecord.time_unix_nano')
        const time = reader.fixed64Text(end)
        if (time !== '') log.timestamp = time
        else delete log.timestamp
        break
      }
      case 11: {
        reader.expect(tag, wire.fixed64, 'LogRecord.observed_time_unix_nano')
        const time = reader.fixed64Text(end)
        if (time !== '') log.observed_timestamp = time
        else delete log.observed_timestamp
        break
      }
      case 2: {
        reader.expect(tag, wire.varint, 'LogRecord.severity_number')
        const severity = severityNumber(Number(reader.int64(end)), warnings)
        if (severity !== undefined) log.severity_number = severity
        else delete log.severity_number
        break
      }
      case 3: {
        reader.expect(tag, wire.bytes, 'LogRecord.severity_text')
        const text = readText(reader, end, 'severity_text', warnings)
        if (text !== '') log.severity_text = text
        else delete log.severity_text
        break
      }
      case 5: {
        reader.expect(tag, wire.bytes, 'LogRecord.body')
        const value = readAnyValue(reader, end, 'body', 0, warnings, log.body)
        if (value !== null) log.body = value
        break
      }
      case 6:
        reader.expect(tag, wire.bytes, 'LogRecord.attributes')
        readAttribute(reader, end, attributes, 0, warnings)
        break
      case 7: {
        reader.expect(tag, wire.varint, 'LogRecord.dropped_attributes_count')
        const dropped = reader.uint32(end)
        if (dropped !== 0) log.dropped_attributes_count = dropped
        else delete log.dropped_attributes_count
        break
      }
      case 8: {
        reader.expect(tag, wire.fixed32, 'LogRecord.flags')
        const flags = reader.fixed32(end)
        if (flags !== 0) log.flags = flags
        else delete log.flags
        break
      }
      case 9: {
        reader.expect(tag, wire.bytes, 'LogRecord.trace_id')
        const id = hexId(reader.bytesText(end, 'hex'), 32, 'trace_id', warnings)
        if (id !== undefined) log.trace_id = id
        else delete log.trace_id
        break
      }
      case 10: {
        reader.expect(tag, wire.bytes, 'LogRecord.span_id')
        const id = hexId(reader.bytesText(end, 'hex'), 16, 'span_id', warnings)
        if (id !== undefined) log.span_id = id
        else delete log.span_id
        break
      }
      case 12: {
        reader.expect(tag, wire.bytes, 'LogRecord.event_name')
        const name = readText(reader, end, 'event_name', warnings)
        if (name !== '') log.event_name = name
        else delete log.event_name
        break
      }
      default:
        reader.skip(tag, end)
    }
  }
  return log
}
