/** A chunk of whole lines, taken apart without copying: where each record begins and ends, its text, its checksum. */
import { isAscii, isUtf8 } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { RecordFrames } from '../../event/record.ts'

/** The records of a chunk. Blank lines are none. */
export interface Lines {
  readonly count: number
  /** Offset of each record's first byte in the chunk. */
  readonly starts: readonly number[]
  /** Offset behind each record's last byte: before `\n` or `\r\n`. */
  readonly ends: readonly number[]
}

const newline = 0x0a
const carriageReturn = 0x0d

/** Space, tab, or the NULs that a truncated file's writer leaves before its next line. */
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x00

/**
 * Finds the records of `bytes`. `atStart` says that the chunk begins the stream, where a byte order mark is no part of
 * the first record. NULs before a record are no part of it either.
 */
export function splitLines(bytes: Uint8Array, atStart: boolean): Lines {
  const starts: number[] = []
  const ends: number[] = []
  let start = atStart && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (start < bytes.length) {
    let newlineAt = bytes.indexOf(newline, start)
    if (newlineAt < 0) newlineAt = bytes.length
    const end = newlineAt > start && bytes[newlineAt - 1] === carriageReturn ? newlineAt - 1 : newlineAt
    while (start < end && bytes[start] === 0) start++
    let first = start
    while (first < end && isBlank(bytes[first]!)) first++
    if (first < end) {
      starts.push(start)
      ends.push(end)
    }
    start = newlineAt + 1
  }
  return { count: starts.length, starts, ends }
}

/** The records of a chunk that says itself where they lie. */
export function framedRecords({ starts, ends }: RecordFrames): Lines {
  return { count: starts.length, starts, ends }
}

/** The text of record `i`; undefined when its bytes are not UTF-8. */
export type LineText = (i: number) => string | undefined

/**
 * Texts of a chunk's records. A chunk of pure ASCII (most are) is decoded at once, and its texts are parts of that
 * string: several times faster than one by one. Of a chunk with faulty bytes only the lines that have them suffer.
 */
export function lineTexts(bytes: Uint8Array, { starts, ends }: Lines): LineText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isAscii(bytes)) {
    const whole = buffer.toString('latin1')
    return (i) => whole.substring(starts[i]!, ends[i]!)
  }
  if (isUtf8(bytes)) return (i) => buffer.toString('utf8', starts[i]!, ends[i]!)
  return (i) =>
    isUtf8(bytes.subarray(starts[i]!, ends[i]!)) ? buffer.toString('utf8', starts[i]!, ends[i]!) : undefined
}

/** CRC-32 (that of zlib, gzip and Ethernet) of each record's bytes: what tells a rewritten line from its forerunner. */
export function lineChecksums(bytes: Uint8Array, { count, starts, ends }: Lines): number[] {
  const checksums: number[] = []
  for (let i = 0; i < count; i++) checksums.push(crc32(bytes.subarray(starts[i]!, ends[i]!)))
  return checksums
}
