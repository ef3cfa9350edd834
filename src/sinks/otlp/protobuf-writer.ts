/**
 * The protobuf wire format, written by hand and backwards: a message's length stands before it, and going backwards it is
 * known by then. https://protobuf.dev/programming-guides/encoding/
 */

const wire = { varint: 0, fixed64: 1, bytes: 2 } as const

/** Characters of names, ids and times. */
const SHORT = 64

export class ProtobufWriter {
  #buffer: Buffer
  /** Where the next thing ends. */
  #at: number

  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(64, bytes))
    this.#at = this.#buffer.length
  }

  /** All that was written. A view: the writer is done with. */
  finish(): Buffer {
    return this.#buffer.subarray(this.#at)
  }

  /** A message in a field; `write` writes its fields, the last one first. */
  message(field: number, write: () => void): void {
    const end = this.end()
    write()
    this.begin(field, end)
  }

  /** Where a message ends whose fields are written next, the last one first; `begin` begins it. */
  end(): number {
    return this.#written
  }

  begin(field: number, end: number): void {
    this.#varint(this.#written - end)
    this.#tag(field, wire.bytes)
  }

  text(field: number, value: string): void {
    if (value.length <= SHORT && this.#ascii(value)) {
      this.#varint(value.length)
      this.#tag(field, wire.bytes)
      return
    }
    const length = Buffer.byteLength(value)
    this.#reserve(length)
    this.#at -= length
    this.#buffer.write(value, this.#at, length, 'utf8')
    this.#varint(length)
    this.#tag(field, wire.bytes)
  }

  bytes(field: number, value: Buffer): void {
    this.#reserve(value.length)
    this.#at -= value.length
    value.copy(this.#buffer, this.#at)
    this.#varint(value.length)
    this.#tag(field, wire.bytes)
  }

  /** A whole number, negative or not (int64). */
  int(field: number, value: number): void {
    if (value < 0) this.#bigVarint(BigInt.asUintN(64, BigInt(value)))
    else this.#varint(value)
    this.#tag(field, wire.varint)
  }

  fixed64(field: number, value: bigint): void {
    this.#reserve(8)
    this.#at -= 8
    this.#buffer.writeBigUInt64LE(value, this.#at)
    this.#tag(field, wire.fixed64)
  }

  double(field: number, value: number): void {
    this.#reserve(8)
    this.#at -= 8
    this.#buffer.writeDoubleLE(value, this.#at)
    this.#tag(field, wire.fixed64)
  }

  /** Writes a short text here if it is ASCII: cheaper than asking what it takes in UTF-8. */
  #ascii(value: string): boolean {
    const { length } = value
    this.#reserve(length)
    const buffer = this.#buffer
    const start = this.#at - length
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) return false
      buffer[start + index] = code
    }
    this.#at = start
    return true
  }

  get #written(): number {
    return this.#buffer.length - this.#at
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type)
  }

  /** At most 2^53. */
  #varint(value: number): void {
    this.#reserve(8)
    let size = 1
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++
    this.#at -= size
    let at = this.#at
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[at++] = (rest % 128) | 128
    this.#buffer[at] = rest
  }

  #bigVarint(value: bigint): void {
    const bytes: number[] = []
    let rest = value
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
    bytes.push(Number(rest))
    this.#reserve(bytes.length)
    this.#at -= bytes.length
    this.#buffer.set(bytes, this.#at)
  }

  #reserve(bytes: number): void {
    if (this.#at >= bytes) return
    const written = this.#written
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, written + bytes))
    this.#buffer.copy(larger, larger.length - written, this.#at)
    this.#at = larger.length - written
    this.#buffer = larger
  }
}
