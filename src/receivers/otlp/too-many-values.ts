/**
 * Values are small on the wire, two bytes each, and objects in memory: of a record that has too many of them its bytes are kept
 * instead, and nobody reads them. A resource or a scope that has as many refuses its request: no record would be read.
 */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { AffiantError } from '../../errors.ts'
import { oversizeHead, type TextRecord } from '../../event/record.ts'
import { mostWeight } from '../../event/record-weight.ts'

/** Resources, scopes and all that describes them, of one request: what stands beside its records in JSON is parsed in one piece. */
export const mostBeside = 1_000_000
/** Records of one request in JSON: where each is has to be known before the first is read. */
export const mostRecords = 4_000_000
/** Bytes of a record that are kept; of a longer one the head. */
const mostKept = 16 * 1024 * 1024

const what = `more than ${mostWeight} values, objects and lists`

/** Of a record, it is caught where records are. */
export class TooManyValues extends AffiantError {
  /** `where`: of the body. */
  constructor(where: string) {
    super('bad_request', `${where}: ${what} in one record, resource or scope`)
  }
}

/** Of a request that would be taken in if it were several. */
export const tooManyIn = (what: string): AffiantError =>
  new AffiantError('body_too_large', what, { hint: 'send it in smaller requests' })

/** What stands for a record that is not read. */
export function unreadRecord(bytes: Buffer): TextRecord {
  const isLong = bytes.length > mostKept
  const kept = isLong ? bytes.subarray(0, oversizeHead) : bytes
  const text = isUtf8(kept) ? { text: kept.toString('utf8') } : asLatin1(kept)
  if (!isLong) return { ...text, unread: `not read: it has ${what}` }
  return { ...text, oversize: { size: bytes.length, sha256: hash('sha256', bytes) } }
}

const asLatin1 = (bytes: Buffer) => ({ text: bytes.toString('latin1'), encoding: 'latin1' as const })

const quote = 0x22
const backslash = 0x5c

/** Whether JSON at `[start, end)` of a body has too many objects and lists to be parsed. */
export function isTooMuchJson(body: Buffer, start: number, end: number): boolean {
  // Each takes two characters.
  if (end - start <= 2 * mostWeight) return false
  let count = 0
  for (let at = start; at < end; at++) {
    const byte = body[at]!
    if (byte === quote) {
      for (at++; at < end && body[at] !== quote; at++) if (body[at] === backslash) at++
    } else if ((byte === 0x7b || byte === 0x5b) && ++count > mostWeight) return true
  }
  return false
}
