/**
 * Messages of OTLP from protobuf as the objects of its JSON encoding, so that what is said about a record of the audit
 * signal is said about one form of it. Slower than logs-decoder.ts, which makes no objects in between, and without its loss:
 * here an integer stays an integer, bytes stay bytes.
 * https://github.com/open-telemetry/opentelemetry-proto (logs/v1, resource/v1, common/v1)
 */
import { deepestValue } from '../limits.ts'
import { type ProtobufReader, wire } from '../protobuf.ts'

export type MessageObject = { [name: string]: unknown }

interface Field {
  readonly name: string
  readonly wire: number
  /** Undefined: not set, as protobuf has it. */
  readonly read: (reader: ProtobufReader, end: number) => unknown
  readonly repeated?: true
  readonly message?: Message
}

interface Message {
  readonly name: string
  readonly fields: ReadonlyMap<number, Field>
  /** Its fields exclude each other: the last one counts. */
  readonly oneof?: true
  /** A level that values can be nested by. */
  readonly nests?: true
}

type Fields = Readonly<Record<number, readonly [name: string, kind: Field]>>

const scalar = (type: number, read: Field['read']): Field => ({ name: '', wire: type, read })
const text = scalar(wire.bytes, (reader, end) => reader.text(end) || undefined)
const hexBytes = scalar(wire.bytes, (reader, end) => reader.bytesText(end, 'hex') || undefined)
const uint32 = scalar(wire.varint, (reader, end) => reader.uint32(end) || undefined)
const fixed32 = scalar(wire.fixed32, (reader, end) => reader.fixed32(end) || undefined)
const time = scalar(wire.fixed64, (reader, end) => reader.fixed64Text(end) || undefined)

const message = (type: Message): Field => ({
  name: '',
  wire: wire.bytes,
  message: type,
  read: () => undefined,
})
const repeated = (type: Message): Field => ({ ...message(type), repeated: true })

const define = (name: string, fields: Fields, more: Pick<Message, 'oneof' | 'nests'> = {}): Message => ({
  name,
  fields: fieldsOf(fields),
  ...more,
})

const fieldsOf = (fields: Fields) =>
  new Map(Object.entries(fields).map(([number, [name, kind]]) => [Number(number), { ...kind, name }]))

// AnyValue holds lists and maps of itself.
const valueFields = new Map<number, Field>()
const anyValue: Message = { name: 'AnyValue', fields: valueFields, oneof: true }
const keyValue = define('KeyValue', { 1: ['key', text], 2: ['value', message(anyValue)] })
const arrayValue = define('ArrayValue', { 1: ['values', repeated(anyValue)] }, { nests: true })
const mapValue = define('KeyValueList', { 1: ['values', repeated(keyValue)] }, { nests: true })
const values: Fields = {
  1: ['stringValue', scalar(wire.bytes, (reader, end) => reader.text(end))],
  2: ['boolValue', scalar(wire.varint, (reader, end) => reader.int64(end) !== 0)],
  3: ['intValue', scalar(wire.varint, (reader, end) => String(reader.int64(end)))],
  4: ['doubleValue', scalar(wire.fixed64, (reader, end) => doubleOf(reader.double(end)))],
  5: ['arrayValue', message(arrayValue)],
  6: ['kvlistValue', message(mapValue)],
  7: ['bytesValue', scalar(wire.bytes, (reader, end) => reader.bytesText(end, 'base64'))],
}
for (const [number, field] of fieldsOf(values)) valueFields.set(number, field)

const texts: Field = { ...scalar(wire.bytes, (reader, end) => reader.text(end)), repeated: true }
const entityRef = define('EntityRef', {
  1: ['schemaUrl', text],
  2: ['type', text],
  3: ['idKeys', texts],
  4: ['descriptionKeys', texts],
})
const resource = define('Resource', {
  1: ['attributes', repeated(keyValue)],
  2: ['droppedAttributesCount', uint32],
  3: ['entityRefs', repeated(entityRef)],
})
const scope = define('InstrumentationScope', {
  1: ['name', text],
  2: ['version', text],
  3: ['attributes', repeated(keyValue)],
  4: ['droppedAttributesCount', uint32],
})

export const logRecord = define('LogRecord', {
  1: ['timeUnixNano', time],
  2: ['severityNumber', uint32],
  3: ['severityText', text],
  5: ['body', message(anyValue)],
  6: ['attributes', repeated(keyValue)],
  7: ['droppedAttributesCount', uint32],
  8: ['flags', fixed32],
  9: ['traceId', hexBytes],
  10: ['spanId', hexBytes],
  11: ['observedTimeUnixNano', time],
  12: ['eventName', text],
})
/** Without its scopes: those are walked. */
export const resourceLogs = define('ResourceLogs', {
  1: ['resource', message(resource)],
  3: ['schemaUrl', text],
})
/** Without its records. */
export const scopeLogs = define('ScopeLogs', { 1: ['scope', message(scope)], 3: ['schemaUrl', text] })

/** NaN and the infinities have no number in JSON. https://protobuf.dev/programming-guides/json/ */
const doubleOf = (value: number) => (Number.isFinite(value) ? value : String(value))

/**
 * From the reader's position to `end`. A message that is there twice is merged, as protobuf has it. `reader.malformedText` is
 * set where a string was not UTF-8: U+FFFD stands in it. Throws `bad_request`.
 */
export function readObject(
  reader: ProtobufReader,
  end: number,
  type: Message,
  into: MessageObject = {},
  depth = 0,
): MessageObject {
  reader.countValue()
  if (depth > deepestValue) reader.fail(`values nested more than ${deepestValue} deep`)
  while (reader.position < end) {
    const tag = reader.tag(end)
    const field = type.fields.get(tag >>> 3)
    if (field === undefined) {
      reader.skip(tag, end)
      continue
    }
    reader.expect(tag, field.wire, `${type.name}.${field.name}`)
    const before = into[field.name]
    const value = readField(reader, end, field, field.repeated ? undefined : before, depth)
    if (type.oneof) for (const name of Object.keys(into)) if (name !== field.name) delete into[name]
    if (field.repeated) into[field.name] = appended(before, value)
    else if (value === undefined) delete into[field.name]
    else into[field.name] = value
  }
  return into
}

function readField(
  reader: ProtobufReader,
  outerEnd: number,
  { message: type, read }: Field,
  before: unknown,
  depth: number,
): unknown {
  if (type === undefined) return read(reader, outerEnd)
  const end = reader.lengthEnd(outerEnd)
  return readObject(reader, end, type, before as MessageObject | undefined, type.nests ? depth + 1 : depth)
}

function appended(list: unknown, value: unknown): unknown[] {
  if (!Array.isArray(list)) return [value]
  list.push(value)
  return list
}
