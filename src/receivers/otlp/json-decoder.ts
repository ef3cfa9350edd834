/**
 * `ExportLogsServiceRequest` from OTLP's JSON encoding, in chunks of the same records that protobuf gives.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: lowerCamelCase names only, hex trace and
 * span ids, enums as integers, unknown members ignored.
 */
import { isUtf8 } from 'node:buffer'
import { AffiantError } from '../../errors.ts'
import type { DecodedRecord, TextRecord } from '../../event/record.ts'
import { chunkBytes, chunkRecords } from '../server/intake-stream.ts'
import { jsonFault } from '../server/json-fault.ts'
import { besideLength, chunkBeside } from './beside-length.ts'
import {
  arrayField,
  asObject,
  type JsonObject,
  objectField,
  type Place,
  textField,
  textsField,
  uint32Field,
  uint64Text,
} from './json-fields.ts'
import { type CutRequest, cutRecords } from './json-records.ts'
import { type RepeatedNames, repeatedInRecord, repeatedInRequest } from './json-repeated.ts'
import { readAnyValue, readAttributes } from './json-values.ts'
import { idleTurn } from './limits.ts'
import {
  type Attributes,
  type EntityRef,
  finishRecord,
  hexId,
  type LogRecordValue,
  type ResourceValue,
  type ScopeValue,
  severityNumber,
} from './record.ts'
import { isTooMuchJson, TooManyValues, unreadRecord } from './too-many-values.ts'
import { Warnings } from './warnings.ts'

type Decoded = DecodedRecord | TextRecord

/** Opens the body once; each call decodes it from its start. Both throw `bad_request`, or `body_too_large`. */
export function jsonLogsDecoder(body: Buffer): () => Generator<Decoded[], void, undefined> {
  const notUtf8 = !isUtf8(body)
  const opened = openRequest(body)
  const groups = arrayField(opened.request, 'resourceLogs', theTop)
  return () => decode(groups, body, opened, notUtf8)
}

export interface OpenedRequest {
  readonly request: JsonObject
  readonly cut: CutRequest | undefined
  /** What stands twice in it, but for records that are cut out. */
  readonly repeated: RepeatedNames
}

/** The request, with markers in place of its records where those are `cut` out of it. Throws `bad_request`. */
export function openRequest(body: Buffer): OpenedRequest {
  // A small body is parsed faster in one piece, and is one chunk anyway unless its records are tiny.
  const cut = body.length > chunkBytes ? cutRecords(body) : undefined
  const text = cut?.rest ?? body.toString('utf8')
  const request = asObject(parseJson(text, theTop, cut?.byteAt), theTop)
  return { request, cut, repeated: repeatedInRequest(text, request) }
}

const theTop = () => 'the top'

/** Yields chunks, an empty one where it has worked for a while without any record. */
function* decode(
  groups: readonly unknown[],
  body: Buffer,
  { cut, repeated }: OpenedRequest,
  notUtf8: boolean,
): Generator<Decoded[], void, undefined> {
  let chunk: Decoded[] = []
  let bytes = 0
  /** Of what its records have beside what they say themselves. */
  let beside = 0
  let idle = 0
  for (const [resourceIndex, group] of groups.entries()) {
    if (++idle % idleTurn === 0) yield []
    const inGroup = () => `resourceLogs[${resourceIndex}]`
    const groupObject = asObject(group, inGroup)
    const resourceWarnings = new Warnings()
    // JSON.parse has no place for it: every record of the request is marked.
    if (notUtf8)
      resourceWarnings.add('the request was not UTF-8: U+FFFD may stand for what could not be read')
    if (repeated.any) resourceWarnings.addRepeated(repeated.at(inGroup()))
    const resource = readResource(groupObject, inGroup, resourceWarnings)
    const resourceLength = besideLength(resource)
    for (const [scopeIndex, scoped] of arrayField(groupObject, 'scopeLogs', inGroup).entries()) {
      if (++idle % idleTurn === 0) yield []
      const inScope = () => `${inGroup()}.scopeLogs[${scopeIndex}]`
      const scopeObject = asObject(scoped, inScope)
      const scopeWarnings = new Warnings()
      if (repeated.any) scopeWarnings.addRepeated(repeated.at(inScope()))
      const scope = readScope(scopeObject, inScope, scopeWarnings)
      const scopeLength = besideLength(scope)
      const parsed = arrayField(scopeObject, 'logRecords', inScope)
      const ranges = cut?.ranges(parsed[0])
      const count = ranges ? ranges.length / 2 : parsed.length
      for (let index = 0; index < count; index++) {
        const place = () => `${inScope()}.logRecords[${index}]`
        const warnings = new Warnings()
        warnings.addAll(resourceWarnings)
        warnings.addAll(scopeWarnings)
        if (ranges) {
          const [start, end] = [ranges[2 * index]!, ranges[2 * index + 1]!]
          const size = end - start
          bytes += size
          if (isTooMuchJson(body, start, end)) chunk.push(unreadRecord(body.subarray(start, end)))
          else {
            const part = readPart(body, start, end, place)
            warnings.addRepeated(part.repeated)
            const log = readLogRecord(part.value, place, warnings)
            chunk.push({ ...finishRecord(log, resource, scope, warnings), size })
          }
        } else {
          if (repeated.any) warnings.addRepeated(repeated.at(place()))
          chunk.push(finishRecord(readLogRecord(parsed[index], place, warnings), resource, scope, warnings))
        }
        beside += resourceLength + scopeLength
        if (chunk.length < chunkRecords && bytes < chunkBytes && beside < chunkBeside) continue
        yield chunk
        chunk = []
        bytes = 0
        beside = 0
      }
    }
  }
  if (chunk.length > 0) yield chunk
}

/** A record that was cut out, and what stands twice in it. Throws `bad_request`. */
export function readPart(
  body: Buffer,
  start: number,
  end: number,
  place: Place,
): { readonly value: unknown; readonly repeated: readonly string[] } {
  if (isTooMuchJson(body, start, end)) throw new TooManyValues(`invalid OTLP JSON at ${place()}`)
  const text = body.toString('utf8', start, end)
  const value = parseJson(text, place, (position) => start + bytesBefore(text, position))
  return { value, repeated: repeatedInRecord(text, value) }
}

/** 9·10^15 or more outside of quotes: a number may not hold it exactly (or looks so: that costs only time). */
const longInteger = /[:[,]\s*-?(?:\d{17,}|9\d{15})/

const bytesBefore = (text: string, position: number) => Buffer.byteLength(text.slice(0, position))

/** JSON.parse, but integers beyond 2^53-1 come as their digits. `byteAt`: which byte of the body a character is. */
function parseJson(
  text: string,
  place: Place,
  byteAt = (position: number) => bytesBefore(text, position),
): unknown {
  try {
    return longInteger.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  } catch (thrown) {
    const why = jsonFault(text, thrown).replace(
      /at position (\d+)(?: \(line \d+ column \d+\))?$/,
      (_, position: string) => `at byte ${byteAt(Number(position))}`,
    )
    throw new AffiantError('bad_request', `the body is not JSON, at ${place()}: ${why}`)
  }
}

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  return context?.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value
}

export function readResource(group: JsonObject, place: Place, warnings: Warnings): ResourceValue {
  const attributes: Attributes = {}
  const resource = objectField(group, 'resource', place)
  const inResource = () => `${place()}.resource`
  if (resource) readAttributes(resource, 'attributes', attributes, 0, inResource, warnings)
  return {
    attributes,
    dropped_attributes_count: resource ? uint32Field(resource, 'droppedAttributesCount', inResource) : 0,
    schema_url: textField(group, 'schemaUrl', place),
    entity_refs: resource ? readEntityRefs(resource, inResource) : [],
  }
}

function readEntityRefs(resource: JsonObject, place: Place): EntityRef[] {
  return arrayField(resource, 'entityRefs', place).map((input, index) => {
    const here = () => `${place()}.entityRefs[${index}]`
    const given = asObject(input, here)
    const ref: EntityRef = {}
    const schemaUrl = textField(given, 'schemaUrl', here)
    if (schemaUrl !== '') ref.schema_url = schemaUrl
    const type = textField(given, 'type', here)
    if (type !== '') ref.type = type
    const idKeys = textsField(given, 'idKeys', here)
    if (idKeys.length > 0) ref.id_keys = idKeys
    const descriptionKeys = textsField(given, 'descriptionKeys', here)
    if (descriptionKeys.length > 0) ref.description_keys = descriptionKeys
    return ref
  })
}

export function readScope(scoped: JsonObject, place: Place, warnings: Warnings): ScopeValue {
  const value: ScopeValue = {}
  const scope = objectField(scoped, 'scope', place)
  if (scope) {
    const inScope = () => `${place()}.scope`
    const name = textField(scope, 'name', inScope)
    if (name !== '') value.name = name
    const version = textField(scope, 'version', inScope)
    if (version !== '') value.version = version
    const attributes: Attributes = {}
    readAttributes(scope, 'attributes', attributes, 0, inScope, warnings)
    if (Object.keys(attributes).length > 0) value.attributes = attributes
    const dropped = uint32Field(scope, 'droppedAttributesCount', inScope)
    if (dropped !== 0) value.dropped_attributes_count = dropped
  }
  const schemaUrl = textField(scoped, 'schemaUrl', place)
  if (schemaUrl !== '') value.schema_url = schemaUrl
  return value
}

export function readLogRecord(input: unknown, place: Place, warnings: Warnings): LogRecordValue {
  const record = asObject(input, place)
  const attributes: Attributes = {}
  const log: LogRecordValue = { attributes }
  const timestamp = uint64Text(record, 'timeUnixNano', place)
  if (timestamp !== '') log.timestamp = timestamp
  const observed = uint64Text(record, 'observedTimeUnixNano', place)
  if (observed !== '') log.observed_timestamp = observed
  const severity = severityNumber(uint32Field(record, 'severityNumber', place), warnings)
  if (severity !== undefined) log.severity_number = severity
  const severityText = textField(record, 'severityText', place)
  if (severityText !== '') log.severity_text = severityText
  const eventName = textField(record, 'eventName', place)
  if (eventName !== '') log.event_name = eventName
  const body = readAnyValue(record.body, 'body', 0, () => `${place()}.body`, warnings)
  if (body !== null) log.body = body
  readAttributes(record, 'attributes', attributes, 0, place, warnings)
  const dropped = uint32Field(record, 'droppedAttributesCount', place)
  if (dropped !== 0) log.dropped_attributes_count = dropped
  const traceId = hexId(textField(record, 'traceId', place), 32, 'trace_id', warnings)
  if (traceId !== undefined) log.trace_id = traceId
  const spanId = hexId(textField(record, 'spanId', place), 16, 'span_id', warnings)
  if (spanId !== undefined) log.span_id = spanId
  const flags = uint32Field(record, 'flags', place)
  if (flags !== 0) log.flags = flags
  return log
}
