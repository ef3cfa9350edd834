/**
 * The records of an `ExportLogsServiceRequest`, from either encoding, one by one and apart: what is wrong with one of them is
 * said of that one, since its sender must be able to take it out and send the rest.
 */
import { isUtf8 } from 'node:buffer'
import { AffiantError } from '../../../errors.ts'
import type { BodyFormat } from '../answer.ts'
import { openRequest, readPart } from '../json-decoder.ts'
import { arrayField, asObject, type JsonObject, objectField } from '../json-fields.ts'
import { ProtobufReader, wire } from '../protobuf.ts'
import { tooManyIn } from '../too-many-values.ts'
import { logRecord, type MessageObject, readObject, resourceLogs, scopeLogs } from './protobuf-objects.ts'

export interface SentRecord {
  /** In the request, over all its resources and scopes. */
  readonly index: number
  /** Where it stands, as a path in OTLP's JSON. */
  readonly place: string
  /** ResourceLogs and ScopeLogs, as OTLP's JSON has them, without what they hold. */
  readonly resourceLogs: JsonObject
  readonly scopeLogs: JsonObject
  /** The LogRecord, or what keeps it from being one. */
  readonly record: JsonObject | { readonly fault: string }
}

export const isFault = (record: SentRecord['record']): record is { readonly fault: string } =>
  typeof record.fault === 'string'

/** Throws `bad_request` where not even its records can be told from each other, or `body_too_large`. */
export function recordsOf(body: Buffer, format: BodyFormat): Generator<SentRecord, void, undefined> {
  return format === 'protobuf' ? fromProtobuf(body) : fromJson(body)
}

/** All of a request is judged before any of it is taken in: some milliseconds. */
const mostDescribed = 100_000

const placeOf = (resource: number, scope: number, record: number) =>
  `resourceLogs[${resource}].scopeLogs[${scope}].logRecords[${record}]`

function* fromProtobuf(body: Buffer): Generator<SentRecord, void, undefined> {
  const reader = new ProtobufReader(body)
  let index = 0
  let beside = 0
  const count = () => {
    if (++beside > mostDescribed)
      throw tooManyIn(`more than ${mostDescribed} resources and scopes in one request`)
  }
  for (const [r, resourceEnd] of messagesIn(
    reader,
    body.length,
    1,
    'ExportLogsServiceRequest.resource_logs',
  )) {
    count()
    const resource = described(reader, resourceEnd, resourceLogs)
    for (const [s, scopeEnd] of messagesIn(reader, resourceEnd, 2, 'ResourceLogs.scope_logs')) {
      count()
      const scope = described(reader, scopeEnd, scopeLogs)
      const notText = resource.notText ?? scope.notText
      for (const [n, end] of messagesIn(reader, scopeEnd, 2, 'ScopeLogs.log_records')) {
        const record = oneRecord(reader, end, notText)
        const place = placeOf(r, s, n)
        yield { index: index++, place, resourceLogs: resource.object, scopeLogs: scope.object, record }
      }
    }
  }
}

/** The ends of all messages in a repeated field, counted; the reader stands at each one's start, and need not be moved. */
function* messagesIn(reader: ProtobufReader, end: number, field: number, name: string) {
  let count = 0
  while (reader.position < end) {
    const tag = reader.tag(end)
    if (tag >>> 3 !== field) {
      reader.skip(tag, end)
      continue
    }
    reader.expect(tag, wire.bytes, name)
    const stop = reader.lengthEnd(end)
    yield [count++, stop] as const
    reader.position = stop
  }
}

/** Fields may come in any order: what describes records may stand behind them. The reader stays where it was. */
function described(reader: ProtobufReader, end: number, type: typeof resourceLogs) {
  const start = reader.position
  reader.malformedText = false
  reader.values = 0
  const object = readObject(reader, end, type)
  reader.position = start
  return { object, notText: reader.malformedText ? `a text of its ${type.name} is not UTF-8` : undefined }
}

function oneRecord(reader: ProtobufReader, end: number, notText: string | undefined): SentRecord['record'] {
  reader.malformedText = false
  reader.values = 0
  let record: MessageObject
  try {
    record = readObject(reader, end, logRecord)
  } catch (thrown) {
    return { fault: faultOf(thrown) }
  }
  const fault = reader.malformedText ? 'a text in it is not UTF-8' : notText
  return fault === undefined ? record : { fault }
}

function* fromJson(body: Buffer): Generator<SentRecord, void, undefined> {
  if (!isUtf8(body)) throw new AffiantError('bad_request', 'the body is not UTF-8')
  const top = () => 'the top'
  const { request, cut, repeated } = openRequest(body)
  let index = 0
  for (const [r, group] of arrayField(request, 'resourceLogs', top).entries()) {
    const inGroup = () => `resourceLogs[${r}]`
    const resource = asObject(group, inGroup)
    objectField(resource, 'resource', inGroup)
    for (const [s, scoped] of arrayField(resource, 'scopeLogs', inGroup).entries()) {
      const inScope = () => `${inGroup()}.scopeLogs[${s}]`
      const scope = asObject(scoped, inScope)
      objectField(scope, 'scope', inScope)
      const parsed = arrayField(scope, 'logRecords', inScope)
      const ranges = cut?.ranges(parsed[0])
      const count = ranges ? ranges.length / 2 : parsed.length
      for (let n = 0; n < count; n++) {
        const place = placeOf(r, s, n)
        const take = (): ReturnType<typeof readPart> =>
          ranges
            ? readPart(body, ranges[2 * n]!, ranges[2 * n + 1]!, () => place)
            : { value: parsed[n], repeated: repeated.at(place) }
        const around = repeated.any ? [...repeated.at(inGroup()), ...repeated.at(inScope())] : []
        yield {
          index: index++,
          place,
          resourceLogs: resource,
          scopeLogs: scope,
          record: asRecord(take, around, place),
        }
      }
    }
  }
}

/** What stands twice is a fault: JSON like that has no canonical form (RFC 8785), and so nothing that could be signed. */
function asRecord(
  take: () => ReturnType<typeof readPart>,
  around: readonly string[],
  place: string,
): SentRecord['record'] {
  try {
    const { value, repeated } = take()
    const record = asObject(value, () => place)
    const twice = [...around, ...repeated]
    if (twice.length > 0) return { fault: `names stand twice in it: ${twice.join(', ')}` }
    // It is no field of a LogRecord: unknown members are ignored.
    return isFault(record) ? { ...record, fault: undefined } : record
  } catch (thrown) {
    return { fault: faultOf(thrown) }
  }
}

export function faultOf(thrown: unknown): string {
  if (thrown instanceof AffiantError && thrown.code === 'bad_request') return thrown.message
  throw thrown
}
