/** One message as it was framed, and the record that it becomes. */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { TextRecord } from '../../event/record.ts'
import { chunkRecords } from '../server/intake-stream.ts'

export interface Frame {
  /** The message without what framed it; only its head where it is over the limit. */
  readonly bytes: Buffer
  readonly oversize?: { readonly size: number; readonly sha256: string }
  /** The connection ended within it. */
  readonly isCut?: true
  /** It does not begin as messages do, and follows one whose length says that the next begins here. */
  readonly isAstray?: true
}

/** What a message takes beside its bytes, about: a limit in bytes must hold for short ones, too. */
const overhead = 256

export const costOf = (bytes: Buffer): number => bytes.length + overhead

/** What a piece of a connection takes at most, once as many messages are made of it as are at a time. */
export const mostOf = (piece: Buffer): number =>
  piece.length + overhead * Math.min(chunkRecords, piece.length)

/** A whole message, which may be over the limit. */
export function wholeFrame(bytes: Buffer, maxMessage: number): Frame {
  if (bytes.length <= maxMessage) return { bytes }
  const oversize = { size: bytes.length, sha256: hash('sha256', bytes) }
  return { bytes: bytes.subarray(0, maxMessage), oversize }
}

export function recordOf({ bytes, oversize, isCut, isAstray }: Frame): TextRecord {
  const { text, isLatin1 } = textOf(oversize ? withoutTornEnd(bytes) : bytes)
  const warnings = [
    ...(isCut ? ['syslog: the connection ended within the message'] : []),
    ...(isAstray
      ? ['syslog: the message before it had a wrong length: this may be its end, or a part of the next']
      : []),
    ...(isLatin1 ? ['syslog: the message is not UTF-8, read as Latin-1'] : []),
  ]
  return {
    text,
    ...(isLatin1 && { encoding: 'latin1' as const }),
    ...(oversize && { oversize }),
    ...(warnings.length > 0 && { warnings }),
  }
}

/** Latin-1 gives every byte a character, so that nothing is lost of it. */
const textOf = (bytes: Buffer) =>
  isUtf8(bytes)
    ? { text: bytes.toString('utf8'), isLatin1: false }
    : { text: bytes.toString('latin1'), isLatin1: true }

/** Without the first bytes of a character that was cut. */
function withoutTornEnd(bytes: Buffer): Buffer {
  let lead = bytes.length - 1
  while (lead > 0 && bytes.length - lead < 4 && (bytes[lead]! & 0xc0) === 0x80) lead--
  const first = bytes[lead] ?? 0
  const width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
  return lead + width > bytes.length ? bytes.subarray(0, lead) : bytes
}
