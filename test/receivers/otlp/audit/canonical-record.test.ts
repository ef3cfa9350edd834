// The canonical form is the same from both encodings, in whatever order attributes come, and another for every other record.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditRecord, canonicalText } from '../../../../src/receivers/otlp/audit/canonical-record.ts'
import { isFault, recordsOf } from '../../../../src/receivers/otlp/audit/request.ts'
import { seed } from '../../../seed.ts'
import { request as arbitraryRequest } from '../arbitrary-request.ts'
import { encodeRequest, type RequestObject } from '../oracle.ts'

function canonicalOf(body: Buffer, format: 'protobuf' | 'json'): string[] {
  return [...recordsOf(body, format)].map(({ record }) => {
    if (isFault(record)) throw new Error(record.fault)
    return canonicalText(auditRecord(record))
  })
}

test('any request has the same from protobuf as from JSON', () => {
  fc.assert(
    fc.property(arbitraryRequest, (sample) => {
      const fromJson = canonicalOf(Buffer.from(JSON.stringify(sample.json)), 'json')
      expect(canonicalOf(encodeRequest(sample.protobuf), 'protobuf')).toEqual(fromJson)
      expect(fromJson).toHaveLength(sample.expected.length)
    }),
    { seed, numRuns: 150 },
  )
})

const text = fc.string({ unit: 'grapheme', maxLength: 8 })
const integer = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.bigInt({ min: (1n << 53n) - 2n, max: (1n << 53n) + 2n }),
  fc.bigInt({ min: -3n, max: 3n }),
)
/** A value as OTLP has it, and in words that say no less of it: for the oracle. */
type Sample = readonly [any: RequestObject, said: string]
const { value } = fc.letrec<{ value: Sample }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text.map((one): Sample => [{ stringValue: one }, `s${JSON.stringify(one)}`]),
    integer.map((one): Sample => [{ intValue: String(one) }, `i${one}`]),
    integer.map((one): Sample => [{ stringValue: String(one) }, `s"${one}"`]),
    fc.boolean().map((one): Sample => [{ boolValue: one }, `b${one}`]),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      // JCS writes both zeros alike.
      .map((one): Sample => [{ doubleValue: one }, `d${one === 0 ? 0 : one}`]),
    fc.constantFrom('NaN', 'Infinity', '-Infinity').map((one): Sample => [{ doubleValue: one }, `d${one}`]),
    fc.uint8Array({ maxLength: 6 }).map((one): Sample => {
      const bytes = Buffer.from(one).toString('base64')
      return [{ bytesValue: bytes }, `y${bytes}`]
    }),
    fc.constant<Sample>([{}, 'nothing']),
    fc
      .array(tie('value'), { maxLength: 3 })
      .map(
        (all): Sample => [
          { arrayValue: { values: all.map(([any]) => any) } },
          `[${all.map(([, said]) => said).join(',')}]`,
        ],
      ),
    fc
      .uniqueArray(
        fc.tuple(fc.oneof(text, fc.constantFrom('stringValue', 'intValue', '__proto__')), tie('value')),
        {
          maxLength: 3,
          selector: ([key]) => key,
        },
      )
      .map(
        (all): Sample => [
          { kvlistValue: { values: all.map(([key, [any]]) => ({ key, value: any })) } },
          `{${all
            .map(([key, [, said]]) => `${JSON.stringify(key)}${said}`)
            .toSorted()
            .join(',')}}`,
        ],
      ),
  ),
}))

const of = (body: RequestObject) =>
  canonicalText(auditRecord({ body, attributes: [{ key: 'body', value: body }] }))

test('two values have the same only if they are the same', () => {
  fc.assert(
    fc.property(value, value, ([a, saidA], [b, saidB]) => {
      expect(of(a) === of(b)).toBe(saidA === saidB)
    }),
    { seed, numRuns: 3_000 },
  )
})

test('it is JSON that says the same, and canonical again', () => {
  fc.assert(
    fc.property(value, ([any]) => {
      const written = of(any)
      const parsed: unknown = JSON.parse(written)
      expect(sorted(parsed)).toBe(written)
    }),
    { seed, numRuns: 500 },
  )
})

/** JCS from its text: what JSON.stringify writes, and keys in the order of their UTF-16 units. */
function sorted(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(sorted).join(',')}]`
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  const members = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${sorted(each)}`).join(',')}}`
}

test('the order of attributes does not matter, and of a key given twice the last value counts', () => {
  const pairs = fc.uniqueArray(fc.tuple(text, value), { maxLength: 6, selector: ([key]) => key })
  fc.assert(
    fc.property(pairs, fc.nat(5), (all, turn) => {
      const list = all.map(([key, [any]]) => ({ key, value: any }))
      const turned = [...list.slice(turn), ...list.slice(0, turn)]
      const plain = canonicalText(auditRecord({ attributes: list }))
      expect(canonicalText(auditRecord({ attributes: turned }))).toBe(plain)
      const before = list.map(({ key }) => ({ key, value: { stringValue: 'before' } }))
      expect(canonicalText(auditRecord({ attributes: [...before, ...list] }))).toBe(plain)
    }),
    { seed, numRuns: 200 },
  )
})
