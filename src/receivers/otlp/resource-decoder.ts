/** What describes records in protobuf: the resource of a ResourceLogs, the scope of a ScopeLogs. */
import { type ProtobufReader, wire } from './protobuf.ts'
import { readAttribute, readText } from './protobuf-values.ts'
import type { Attributes, EntityRef, ResourceValue, ScopeValue } from './record.ts'
import type { Warnings } from './warnings.ts'

/** `resource = 1` and `schema_url = 3` of ResourceLogs. A message given twice is merged, as protobuf has it. */
export function readResource(reader: ProtobufReader, end: number, warnings: Warnings): ResourceValue {
  const attributes: Attributes = {}
  let dropped = 0
  let schemaUrl = ''
  const entityRefs: EntityRef[] = []
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1: {
        reader.expect(tag, wire.bytes, 'ResourceLogs.resource')
        const resourceEnd = reader.lengthEnd(end)
        while (reader.position < resourceEnd) {
          const inner = reader.tag(resourceEnd)
          switch (inner >>> 3) {
            case 1:
              reader.expect(inner, wire.bytes, 'Resource.attributes')
              readAttribute(reader, resourceEnd, attributes, 0, warnings)
              break
            case 2:
              reader.expect(inner, wire.varint, 'Resource.dropped_attributes_count')
              dropped = reader.uint32(resourceEnd)
              break
            case 3:
              reader.expect(inner, wire.bytes, 'Resource.entity_refs')
              entityRefs.push(readEntityRef(reader, resourceEnd, warnings))
              break
            default:
              reader.skip(inner, resourceEnd)
          }
        }
        break
      }
      case 3:
        reader.expect(tag, wire.bytes, 'ResourceLogs.schema_url')
        schemaUrl = readText(reader, end, 'resource.schema_url', warnings)
        break
      default:
        reader.skip(tag, end)
    }
  }
  return { attributes, dropped_attributes_count: dropped, schema_url: schemaUrl, entity_refs: entityRefs }
}

/** `string schema_url = 1; string type = 2; repeated string id_keys = 3; repeated string description_keys = 4` */
function readEntityRef(reader: ProtobufReader, outerEnd: number, warnings: Warnings): EntityRef {
  reader.countValue()
  const end = reader.lengthEnd(outerEnd)
  const ref: EntityRef = {}
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1:
        reader.expect(tag, wire.bytes, 'EntityRef.schema_url')
        ref.schema_url = readText(reader, end, 'entity_refs.schema_url', warnings)
        break
      case 2:
        reader.expect(tag, wire.bytes, 'EntityRef.type')
        ref.type = readText(reader, end, 'entity_refs.type', warnings)
        break
      case 3:
        reader.expect(tag, wire.bytes, 'EntityRef.id_keys')
        reader.countValue()
        ref.id_keys ??= []
        ref.id_keys.push(readText(reader, end, 'entity_refs.id_keys', warnings))
        break
      case 4:
        reader.expect(tag, wire.bytes, 'EntityRef.description_keys')
        reader.countValue()
        ref.description_keys ??= []
        ref.description_keys.push(readText(reader, end, 'entity_refs.description_keys', warnings))
        break
      default:
        reader.skip(tag, end)
    }
  }
  return ref
}

/** `scope = 1` and `schema_url = 3` of ScopeLogs. */
export function readScope(reader: ProtobufReader, end: number, warnings: Warnings): ScopeValue {
  const scope: ScopeValue = {}
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1:
        reader.expect(tag, wire.bytes, 'ScopeLogs.scope')
        readScopeMessage(reader, end, scope, warnings)
        break
      case 3: {
        reader.expect(tag, wire.bytes, 'ScopeLogs.schema_url')
        const url = readText(reader, end, 'scope.schema_url', warnings)
        if (url !== '') scope.schema_url = url
        else delete scope.schema_url
        break
      }
      default:
        reader.skip(tag, end)
    }
  }
  return scope
}

function readScopeMessage(
  reader: ProtobufReader,
  outerEnd: number,
  scope: ScopeValue,
  warnings: Warnings,
): void {
  const end = reader.lengthEnd(outerEnd)
  while (reader.position < end) {
    const tag = reader.tag(end)
    switch (tag >>> 3) {
      case 1: {
        reader.expect(tag, wire.bytes, 'InstrumentationScope.name')
        const name = readText(reader, end, 'scope.name', warnings)
        if (name !== '') scope.name = name
        else delete scope.name
        break
      }
      case 2: {
        reader.expect(tag, wire.bytes, 'InstrumentationScope.version')
        const version = readText(reader, end, 'scope.version', warnings)
        if (version !== '') scope.version = version
        else delete scope.version
        break
      }
      case 3:
        reader.expect(tag, wire.bytes, 'InstrumentationScope.attributes')
        scope.attributes ??= {}
        readAttribute(reader, end, scope.attributes, 0, warnings)
        break
      case 4: {
        reader.expect(tag, wire.varint, 'InstrumentationScope.dropped_attributes_count')
        const dropped = reader.uint32(end)
        if (dropped !== 0) scope.dropped_attributes_count = dropped
        else delete scope.dropped_attributes_count
        break
      }
      default:
        reader.skip(tag, end)
    }
  }
}
