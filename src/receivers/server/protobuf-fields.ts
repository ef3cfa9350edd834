/** The few protobuf messages that answers are made of, written by hand. https://protobuf.dev/programming-guides/encoding/ */

/** A field of wire type VARINT; `value` is a non-negative safe integer. */
export const varintField = (field: number, value: number): Buffer =>
  Buffer.from([...varint(field << 3), ...varint(value)])

/** A field of wire type LEN: bytes, a text in UTF-8, or an embedded message. */
export function bytesField(field: number, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes])
}

/** A google.protobuf.Any: `string type_url = 1; bytes value = 2`. */
export const anyOf = (type: string, value: Buffer): Buffer =>
  Buffer.concat([bytesField(1, type), bytesField(2, value)])

/** A field of wire type I64, unsigned. */
export function fixed64Field(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return Buffer.concat([Buffer.from(varint((field << 3) | 1)), bytes])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}
