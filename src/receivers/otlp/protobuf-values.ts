/** `opentelemetry.proto.common.v1`: AnyValue, KeyValue, and what they become as JSON. */
import { deepestValue } from './limits.ts'
import { bytesAsText, exactInteger, finiteDouble } from './number-values.ts'
import { type ProtobufReader, wire } from './protobuf.ts'
import { type Attributes, type JsonValue, setAttribute } from './record.ts'
import { shown, type Warnings } from './warnings.ts'

/** A string field; what was not UTF-8 in it is U+FFFD, with a warning. */
export function readText(reader: ProtobufReader, end: number, name: string, warnings: Warnings): string {
  const text = reader.text(end)
  if (reader.malformedText) {
    reader.malformedText = false
    warnings.add(`${shown(name)} was not UTF-8: U+FFFD stands for what could not be read`)
  }
  return text
}

function readName(reader: ProtobufReader, end: number, warnings: Warnings): string {
  const name = reader.name(end)
  if (reader.malformedText) {
    reader.malformedText = false
    warnings.add(`the key ${shown(name)} was not UTF-8: U+FFFD stands for what could not be read`)
  }
  return name
}

/** One KeyValue, added to `attributes`. The reader stands at its length. */
export function readAttribute(
  reader: ProtobufReader,
  outerEnd: number,
  attributes: Attributes,
  depth: number,
  warnings: Warnings,
): void {
  reader.countValue()
  const end = reader.lengthEnd(outerEnd)
  const start = reader.position
  let key: string | undefined
  let value: JsonValue = null
  /** What there is to say of a value names the key: one that comes before it is read afterwards. */
  let isEarly = false
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1:
        reader.expect(tag, wire.bytes, 'KeyValue.key')
        key = readName(reader, end, warnings)
        break
      case 2:
        reader.expect(tag, wire.bytes, 'KeyValue.value')
        isEarly ||= key === undefined
        if (key === undefined || isEarly) reader.position = reader.lengthEnd(end)
        else value = readAnyValue(reader, end, key, depth, warnings, value)
        break
      default:
        reader.skip(tag, end)
    }
  }
  key ??= ''
  if (isEarly) {
    reader.position = start
    value = readValues(reader, end, key, depth, warnings)
  }
  setAttribute(attributes, key, value, warnings)
}

/** The values of a KeyValue up to `end`, without its key. */
function readValues(
  reader: ProtobufReader,
  end: number,
  name: string,
  depth: number,
  warnings: Warnings,
): JsonValue {
  let value: JsonValue = null
  while (reader.position < end) {
    const tag = reader.tag(end)
    if (tag >>> 3 === 2) value = readAnyValue(reader, end, name, depth, warnings, value)
    else reader.skip(tag, end)
  }
  return value
}

/**
 * An AnyValue; the reader stands at its length. `name` is for warnings. An empty one is null. One that is there twice is merged
 * with what it was `before`, as protobuf has it of messages: lists and maps grow, of all else the last counts.
 */
export function readAnyValue(
  reader: ProtobufReader,
  outerEnd: number,
  name: string,
  depth: number,
  warnings: Warnings,
  before: JsonValue = null,
): JsonValue {
  reader.countValue()
  const end = reader.lengthEnd(outerEnd)
  let value = before
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1:
        reader.expect(tag, wire.bytes, 'AnyValue.string_value')
        value = readText(reader, end, name, warnings)
        break
      case 2:
        reader.expect(tag, wire.varint, 'AnyValue.bool_value')
        value = reader.int64(end) !== 0
        break
      case 3:
        reader.expect(tag, wire.varint, 'AnyValue.int_value')
        value = exactInteger(reader.int64(end), name, warnings)
        break
      case 4:
        reader.expect(tag, wire.fixed64, 'AnyValue.double_value')
        value = finiteDouble(reader.double(end), name, warnings)
        break
      case 5:
        reader.expect(tag, wire.bytes, 'AnyValue.array_value')
        value = readArray(reader, end, name, depth + 1, warnings, Array.isArray(value) ? value : [])
        break
      case 6:
        reader.expect(tag, wire.bytes, 'AnyValue.kvlist_value')
        value = readMap(reader, end, depth + 1, warnings, isMap(value) ? value : {})
        break
      case 7:
        reader.expect(tag, wire.bytes, 'AnyValue.bytes_value')
        value = bytesAsText(reader.bytesText(end, 'base64'), name, warnings)
        break
      default:
        reader.skip(tag, end)
    }
  }
  return value
}

function readArray(
  reader: ProtobufReader,
  outerEnd: number,
  name: string,
  depth: number,
  warnings: Warnings,
  values: JsonValue[],
): JsonValue {
  if (depth > deepestValue) reader.fail(`values nested more than ${deepestValue} deep`)
  const end = reader.lengthEnd(outerEnd)
  while (reader.position < end) {
    const tag = reader.tag(end)
    if (tag >>> 3 === 1) {
      reader.expect(tag, wire.bytes, 'ArrayValue.values')
      values.push(readAnyValue(reader, end, name, depth, warnings))
    } else reader.skip(tag, end)
  }
  return values
}

const isMap = (value: JsonValue): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readMap(
  reader: ProtobufReader,
  outerEnd: number,
  depth: number,
  warnings: Warnings,
  values: Attributes,
): JsonValue {
  if (depth > deepestValue) reader.fail(`values nested more than ${deepestValue} deep`)
  const end = reader.lengthEnd(outerEnd)
  while (reader.position < end) {
    const tag = reader.tag(end)
    if (tag >>> 3 === 1) {
      reader.expect(tag, wire.bytes, 'KeyValueList.values')
      readAttribute(reader, end, values, depth, warnings)
    } else reader.skip(tag, end)
  }
  return values
}
