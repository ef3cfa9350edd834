// What protobuf becomes is what OTLP's JSON would have said: fields in any order, messages given twice, the last of a oneof.
import { expect, test } from 'vitest'
import { logRecord, readObject, resourceLogs } from '../../../../src/receivers/otlp/audit/protobuf-objects.ts'
import { ProtobufReader } from '../../../../src/receivers/otlp/protobuf.ts'
import { bytesField, fixed64Field, varintField } from '../../../../src/receivers/server/protobuf-fields.ts'

const read = (type: typeof logRecord, ...fields: Buffer[]) => {
  const bytes = Buffer.concat(fields)
  return readObject(new ProtobufReader(bytes), bytes.length, type)
}

test('times, ids and what is not set', () => {
  expect(
    read(
      logRecord,
      bytesField(9, Buffer.from('5b8aa5a2d2c872e8321cf37308d69df2', 'hex')),
      fixed64Field(1, 1_795_417_113_120_000_001n),
      fixed64Field(11, 0n),
      bytesField(12, ''),
      varintField(2, 9),
      varintField(99, 1),
    ),
  ).toEqual({
    timeUnixNano: '1795417113120000001',
    traceId: '5b8aa5a2d2c872e8321cf37308d69df2',
    severityNumber: 9,
  })
})

test('a value is the last of its kinds, and one that says nothing is there', () => {
  const body = (...fields: Buffer[]) => read(logRecord, bytesField(5, Buffer.concat(fields))).body
  expect(body(bytesField(1, 'a'), varintField(3, 7))).toEqual({ intValue: '7' })
  expect(body(varintField(3, 7), bytesField(1, ''))).toEqual({ stringValue: '' })
  expect(body(varintField(2, 0))).toEqual({ boolValue: false })
  expect(body()).toEqual({})
  // Of a list and a list of the same value both are kept; of a list and a text the last.
  const list = (text: string) => bytesField(5, bytesField(1, bytesField(1, text)))
  const both = { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } }
  expect(body(list('a'), list('b'))).toEqual(both)
  expect(body(list('a'), bytesField(1, 't'), list('b'))).toEqual({
    arrayValue: { values: [{ stringValue: 'b' }] },
  })
})

test('a message that is given twice is merged', () => {
  const attribute = (key: string) =>
    bytesField(1, Buffer.concat([bytesField(1, key), bytesField(2, varintField(3, 1))]))
  const entity = bytesField(
    3,
    Buffer.concat([bytesField(2, 'host'), bytesField(3, 'host.id'), bytesField(3, 'host.name')]),
  )
  expect(
    read(
      resourceLogs,
      bytesField(1, attribute('a')),
      bytesField(3, 'url'),
      bytesField(1, Buffer.concat([attribute('b'), entity])),
    ),
  ).toEqual({
    resource: {
      attributes: ['a', 'b'].map((key) => ({ key, value: { intValue: '1' } })),
      entityRefs: [{ type: 'host', idKeys: ['host.id', 'host.name'] }],
    },
    schemaUrl: 'url',
  })
})

test('what is on the wire in another way is refused with its name', () => {
  expect(() => read(logRecord, varintField(1, 5))).toThrow(
    'LogRecord.timeUnixNano is 64-bit on the wire, not varint',
  )
})
