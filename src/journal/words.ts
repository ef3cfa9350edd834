/** Columns of 32-bit words, little-endian on disk whatever the machine. */
import { endianness } from 'node:os'

const little = endianness() === 'LE'

/** The words as they lie on disk. Shares memory with `words` where the byte order allows it. */
export function wordsToBytes(words: Uint32Array): Buffer {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength)
  return little ? bytes : Buffer.from(bytes).swap32()
}

/** A copy: bytes in a file are rarely aligned for a typed array. */
export function bytesToWords(bytes: Buffer): Uint32Array {
  const copy = new Uint32Array(bytes.byteLength / 4)
  const target = Buffer.from(copy.buffer)
  bytes.copy(target)
  if (!little) target.swap32()
  return copy
}
