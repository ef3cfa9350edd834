/** From a file's encoding to UTF-8, line by line. */
import { byteLineEnds, type LineEnds, utf16beLineEnds, utf16leLineEnds } from './line-ends.ts'

export const encodings = ['auto', 'utf-8', 'utf-16le', 'utf-16be', 'latin-1'] as const
export type Encoding = Exclude<(typeof encodings)[number], 'auto'>

interface Decoded {
  /** UTF-8; for a file that is UTF-8 the bytes as they are, right or not. */
  readonly text: Buffer
  readonly warnings?: readonly string[]
}

export interface Decoder {
  readonly lineEnds: LineEnds
  /** Bytes that are no part of the first line. */
  readonly mark: Buffer
  /** A carriage return and a NUL, as this encoding writes them. */
  readonly carriageReturn: Buffer
  readonly nul: Buffer
  decode(bytes: Buffer): Decoded
}

const replaced: readonly string[] = Object.freeze(['broken UTF-16 replaced by U+FFFD'])

function decodeUtf16le(bytes: Buffer): Decoded {
  const torn = bytes.length % 2 === 1
  const text = bytes.toString('utf16le') + (torn ? '\ufffd' : '')
  // Writing lone surrogates as UTF-8 is what replaces them.
  const broken = torn || !text.isWellFormed()
  return { text: Buffer.from(text), ...(broken && { warnings: replaced }) }
}

function decodeUtf16be(bytes: Buffer): Decoded {
  const whole = bytes.length & ~1
  const swapped = Buffer.alloc(bytes.length, bytes)
  swapped.subarray(0, whole).swap16()
  return decodeUtf16le(swapped)
}

const byteOf = { carriageReturn: Buffer.of(0x0d), nul: Buffer.of(0) }

export const decoders: Readonly<Record<Encoding, Decoder>> = {
  'utf-8': {
    ...byteOf,
    lineEnds: byteLineEnds,
    mark: Buffer.of(0xef, 0xbb, 0xbf),
    decode: (text) => ({ text }),
  },
  'latin-1': {
    ...byteOf,
    lineEnds: byteLineEnds,
    mark: Buffer.alloc(0),
    decode: (bytes) => ({ text: Buffer.from(bytes.toString('latin1')) }),
  },
  'utf-16le': {
    carriageReturn: Buffer.of(0x0d, 0),
    nul: Buffer.of(0, 0),
    lineEnds: utf16leLineEnds,
    mark: Buffer.of(0xff, 0xfe),
    decode: decodeUtf16le,
  },
  'utf-16be': {
    carriageReturn: Buffer.of(0, 0x0d),
    nul: Buffer.of(0, 0),
    lineEnds: utf16beLineEnds,
    mark: Buffer.of(0xfe, 0xff),
    decode: decodeUtf16be,
  },
}

/** What a byte order mark at the beginning of `head` says; UTF-8 without one. */
export function markedEncoding(head: Buffer): Encoding {
  const begins = (name: Encoding) => head.indexOf(decoders[name].mark) === 0
  return begins('utf-16le') ? 'utf-16le' : begins('utf-16be') ? 'utf-16be' : 'utf-8'
}
