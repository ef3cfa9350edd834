/**
 * Ids of events: the same record has the same id, also after the agent lost its state. docs/event-schema.md has
 * the rules as users and verifiers need them.
 */
import { hash } from 'node:crypto'
import { beginHash, finishHash } from './position-hash.ts'

const uuidLength = 36

/** The two hex digits of every byte, as character codes. */
const hexDigits = new Uint8Array(512)
for (let byte = 0; byte < 256; byte++)
  hexDigits.set(Buffer.from(byte.toString(16).padStart(2, '0')), byte * 2)

function writeByte(text: Uint8Array, at: number, byte: number): void {
  text[at] = hexDigits[byte * 2]!
  text[at + 1] = hexDigits[byte * 2 + 1]!
}

/** Writes 16 bytes, given as little-endian words, as a UUID of version 8 (RFC 9562, section 5.8). */
function writeUuid8(text: Uint8Array, at: number, words: Uint32Array): void {
  const a = words[0]!
  const b = (words[1]! & ~0x00f0_0000) | 0x0080_0000
  const c = (words[2]! & ~0xc0) | 0x80
  const d = words[3]!
  writeByte(text, at, a & 0xff)
  writeByte(text, at + 2, (a >>> 8) & 0xff)
  writeByte(text, at + 4, (a >>> 16) & 0xff)
  writeByte(text, at + 6, a >>> 24)
  text[at + 8] = 0x2d
  writeByte(text, at + 9, b & 0xff)
  writeByte(text, at + 11, (b >>> 8) & 0xff)
  text[at + 13] = 0x2d
  writeByte(text, at + 14, (b >>> 16) & 0xff)
  writeByte(text, at + 16, b >>> 24)
  text[at + 18] = 0x2d
  writeByte(text, at + 19, c & 0xff)
  writeByte(text, at + 21, (c >>> 8) & 0xff)
  text[at + 23] = 0x2d
  writeByte(text, at + 24, (c >>> 16) & 0xff)
  writeByte(text, at + 26, c >>> 24)
  writeByte(text, at + 28, d & 0xff)
  writeByte(text, at + 30, (d >>> 8) & 0xff)
  writeByte(text, at + 32, (d >>> 16) & 0xff)
  writeByte(text, at + 34, d >>> 24)
}

const state = new Uint32Array(4)
const afterGeneration = new Uint32Array(4)
const scratch = Buffer.alloc(uuidLength)

/**
 * The id of a record that was read from a position: UUIDv8 from its generation (`generationWords`), the byte offset
 * of its line in the stream, the CRC-32 of the line's bytes without its end, and its place within the line when
 * the line holds several records (0 otherwise).
 */
export function recordId(
  generation: Uint32Array,
  offset: number,
  checksum: number,
  subIndex: number,
): string {
  beginHash(state, generation)
  finishHash(state, offset, checksum, subIndex)
  writeUuid8(scratch, 0, state)
  return scratch.toString('latin1')
}

/**
 * The ids of a chunk's lines, sub-index 0, one after the other without separators: id i is
 * `ids.substring(36 * i, 36 * i + 36)`. Several times faster than one by one, because one string is made of all.
 * `starts` and `checksums` are as `recordId` takes them, but `starts` within the chunk; `chunkOffset` is the chunk's
 * offset in the stream.
 */
export function recordIds(
  generation: Uint32Array,
  chunkOffset: number,
  starts: readonly number[],
  checksums: readonly number[],
): string {
  const count = starts.length
  const text = Buffer.allocUnsafe(count * uuidLength)
  beginHash(afterGeneration, generation)
  for (let i = 0; i < count; i++) {
    state.set(afterGeneration)
    finishHash(state, chunkOffset + starts[i]!, checksums[i]!, 0)
    writeUuid8(text, i * uuidLength, state)
  }
  return text.toString('latin1')
}

/** 16 bytes as four little-endian words. */
function wordsOf(bytes: Buffer): Uint32Array {
  return Uint32Array.of(
    bytes.readUInt32LE(0),
    bytes.readUInt32LE(4),
    bytes.readUInt32LE(8),
    bytes.readUInt32LE(12),
  )
}

/** What `recordId` needs of a stream's id (32 hex digits). */
export function generationWords(streamId: string): Uint32Array {
  const bytes = Buffer.from(streamId, 'hex')
  if (bytes.length !== 16) throw new TypeError(`a stream's id has 32 hex digits: ${streamId}`)
  return wordsOf(bytes)
}

/** A text with its length before it, so that no two lists of parts are the same bytes. */
function framed(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([u32(bytes.length), bytes])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
  return bytes
}

/**
 * What a file is, beyond its name: the first 16 bytes of SHA-256 over `affiant.generation/1` and a zero byte, the
 * agent's id (u32 length, UTF-8), device and inode (u64 each), and the bytes of the complete first line without its
 * end. `number` tells generations apart that have all of this in common (a file truncated and begun again with the same
 * first line): if it is not 0, a newline and it (u32) follow. Integers are little endian.
 */
export function fileGeneration(
  agentId: string,
  device: number | bigint,
  inode: number | bigint,
  firstLine: Uint8Array,
  number = 0,
): { readonly id: string; readonly words: Uint32Array } {
  const input = Buffer.concat([
    Buffer.from('affiant.generation/1\0'),
    framed(agentId),
    u64(device),
    u64(inode),
    firstLine,
    ...(number === 0 ? [] : [Buffer.from('\n'), u32(number)]),
  ])
  const digest = hash('sha256', input, 'buffer').subarray(0, 16)
  return { id: digest.toString('hex'), words: wordsOf(digest) }
}

/** What a producer's id is hashed with: `affiant.producer/1` and a zero byte, then the lengths and bytes of both. */
let producerInput = Buffer.from('affiant.producer/1\0'.padEnd(1024, '\0'))
const producerPrefix = 'affiant.producer/1\0'.length

/** As `producerId`, from the UTF-8 of both; written to `text` at `at`. */
export function writeProducerId(text: Uint8Array, at: number, producer: Uint8Array, id: Uint8Array): void {
  const length = producerPrefix + 8 + producer.length + id.length
  if (length > producerInput.length) {
    producerInput = Buffer.concat([producerInput, Buffer.alloc(2 * length)])
  }
  const idAt = producerInput.writeUInt32LE(producer.length, producerPrefix) + producer.length
  producerInput.set(producer, idAt - producer.length)
  producerInput.set(id, producerInput.writeUInt32LE(id.length, idAt))
  // Bytes as a string: a third of the price of a buffer.
  const digest = hash('sha256', producerInput.subarray(0, length), 'binary')
  for (let word = 0; word < 4; word++) {
    digestWords[word] =
      digest.charCodeAt(4 * word) |
      (digest.charCodeAt(4 * word + 1) << 8) |
      (digest.charCodeAt(4 * word + 2) << 16) |
      (digest.charCodeAt(4 * word + 3) << 24)
  }
  writeUuid8(text, at, digestWords)
}

const digestWords = new Uint32Array(4)

/**
 * The id of a record whose producer gave it an id that is no UUID: UUIDv8 from the first 16 bytes of SHA-256 over
 * `affiant.producer/1` and a zero byte, then producer and id (u32 length little endian, UTF-8).
 */
export function producerId(producer: string, id: string): string {
  writeProducerId(scratch, 0, Buffer.from(producer), Buffer.from(id))
  return scratch.toString('latin1')
}

const isHexDigit = Uint8Array.from({ length: 128 }, (_, unit) =>
  /[0-9a-f]/i.test(String.fromCharCode(unit)) ? 1 : 0,
)

/** Whether a text has the form of a UUID, in capitals or not. Asked several times of each record: an expression takes twice as long. */
export function isUuid(text: string): boolean {
  if (text.length !== 36) return false
  for (let i = 0; i < 36; i++) {
    const unit = text.charCodeAt(i)
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (unit !== 0x2d) return false
    } else if (unit > 0x7f || isHexDigit[unit] === 0) return false
  }
  return true
}

const isSmallHexDigit = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-f]/.test(String.fromCharCode(byte)) ? 1 : 0,
)

/** Whether the 36 bytes at a place are a UUID as `producerUuid` gives it; of a single digit all along, none is said to be. */
export function isProducerUuid(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]!
  let differs = false
  for (let i = 0; i < 36; i++) {
    const byte = bytes[at + i]!
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (byte !== 0x2d) return false
    } else {
      if (isSmallHexDigit[byte] !== 1) return false
      differs ||= byte !== first
    }
  }
  return differs
}

const nilOrMax = /^(?:[0-]+|[f-]+)$/i

/**
 * A producer's own UUID in lower case; undefined when it is none. The nil and max UUIDs identify nothing
 * (RFC 9562, sections 5.9 and 5.10) and count as none.
 */
export function producerUuid(text: string): string | undefined {
  return isUuid(text) && !nilOrMax.test(text) ? text.toLowerCase() : undefined
}
