/** LogRecords of which most are plain: scalars, and keys that come twice now and then. */
import fc from 'fast-check'

const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const scalar = fc.oneof(
  text.map((stringValue) => ({ stringValue })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.bigInt({ min: -3n, max: 1n << 60n }).map((intValue) => ({ intValue: String(intValue) })),
  fc.double().map((doubleValue) => ({ doubleValue })),
)
const key = fc.oneof(
  fc.constantFrom('audit.record.id', 'log.record.uid', 'a', '__proto__'),
  fc.stringMatching(/^[a-z][ -~]{0,9}$/),
)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const id = (bytes: number) =>
  optional(
    fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString('base64')),
  )
export const plainRecord = fc.record({
  timeUnixNano: optional(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String)),
  observedTimeUnixNano: optional(fc.bigInt({ min: 0n, max: 1n << 62n }).map(String)),
  severityNumber: optional(fc.nat(24)),
  severityText: optional(text),
  eventName: optional(text),
  body: optional(scalar),
  attributes: fc
    .array(fc.record({ key, value: scalar }), { maxLength: 8 })
    .map((all) => [...all, { key: 'audit.record.id', value: { stringValue: 'r1' } }]),
  droppedAttributesCount: optional(fc.nat()),
  flags: optional(fc.nat()),
  traceId: id(16),
  spanId: id(8),
})
