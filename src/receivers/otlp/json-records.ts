/**
 * Cuts the records out of a large request in JSON without parsing them. Parsed whole, 64 MiB would hold up the
 * event loop for seconds and take half a gigabyte; so the elements of each `logRecords` array are only found here,
 * and parsed one by one when they are decoded.
 *
 * How: one walk over the bytes counts brackets and steps over strings. Where the value of a key `logRecords` is an
 * array at the depth that OTLP has it, its elements are noted and cut out, and a marker is left in their place. The
 * rest, small, goes through JSON.parse. Nothing is judged by the walk: what is not JSON fails in the rest or in an
 * element (or is in a member that OTLP does not know, where nobody looks).
 */
import { randomBytes } from 'node:crypto'
import { mostBeside, mostRecords, tooManyIn } from './too-many-values.ts'

/** `[start, end)` byte ranges of the elements of one array, flat: start, end, start, end … */
type Ranges = number[]

export interface CutRequest {
  /** The body as JSON text, each `logRecords` array reduced to one marker. */
  readonly rest: string
  /** Which byte of the body the character of `rest` at this position is, or stands for. */
  readonly byteAt: (position: number) => number
  /** The elements of the array that a marker stands for; undefined for any other value. */
  readonly ranges: (marker: unknown) => Ranges | undefined
}

/** `{ resourceLogs: [ { scopeLogs: [ { logRecords: [`: brackets open where the array begins. */
const arrayDepth = 6
const key = Buffer.from('"logRecords"')

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openObject = 0x7b
const closeObject = 0x7d
const openArray = 0x5b
const closeArray = 0x5d

/** Throws `body_too_large` where there are too many of them, or of what stands beside them. */
export function cutRecords(body: Buffer): CutRequest {
  // Unguessable, so that no value in the body is taken for one.
  const prefix = `${randomBytes(16).toString('hex')}:`
  const arrays: Ranges[] = []
  const rest: string[] = []
  /** Where in the body each of them begins. */
  const starts: number[] = []
  const keep = (text: string, start: number) => {
    rest.push(text)
    starts.push(start)
  }
  let restStart = 0
  let depth = 0
  /** The array being cut up, and where its current element begins. */
  let ranges: Ranges | undefined
  let elementStart = 0
  /** Objects and lists outside of them. */
  let outside = 0
  let records = 0
  const count = () => {
    if (++records > mostRecords) throw tooManyIn(`more than ${mostRecords} records in one request`)
  }

  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!
    if (byte === quote) {
      at = stringEnd(body, at)
    } else if (byte === openArray || byte === openObject) {
      depth++
      if (ranges === undefined && ++outside > mostBeside)
        throw tooManyIn(`more than ${mostBeside} objects and lists beside the records of one request`)
      if (byte === openArray && depth === arrayDepth && ranges === undefined && follows(body, at)) {
        ranges = []
        elementStart = at + 1
        keep(body.toString('utf8', restStart, elementStart), restStart)
      }
    } else if (byte === closeArray || byte === closeObject) {
      if (ranges && depth === arrayDepth) {
        if (ranges.length > 0 || !blank(body, elementStart, at)) {
          ranges.push(elementStart, at)
          count()
        }
        if (ranges.length > 0) keep(JSON.stringify(prefix + arrays.length), at)
        arrays.push(ranges)
        ranges = undefined
        restStart = at
      }
      depth--
    } else if (byte === comma && ranges && depth === arrayDepth) {
      ranges.push(elementStart, at)
      count()
      elementStart = at + 1
    }
  }
  const from = ranges ? elementStart : restStart
  keep(body.toString('utf8', from), from)
  return {
    rest: rest.join(''),
    byteAt(position) {
      let before = 0
      for (const [index, text] of rest.entries()) {
        if (position < before + text.length) {
          const start = starts[index]!
          const isMarker = start === starts[index + 1]
          return isMarker ? start : start + Buffer.byteLength(text.slice(0, position - before))
        }
        before += text.length
      }
      return body.length
    },
    ranges: (marker) =>
      typeof marker === 'string' && marker.startsWith(prefix)
        ? arrays[Number(marker.slice(prefix.length))]
        : undefined,
  }
}

/** Offset of the quote that ends the string which begins at `start`, or of the last byte. */
function stringEnd(body: Buffer, start: number): number {
  let at = start + 1
  while (at < body.length) {
    const byte = body[at]!
    if (byte === quote) return at
    at += byte === backslash ? 2 : 1
  }
  return body.length
}

/** Whether the array that begins at `at` is the value of `logRecords`. */
function follows(body: Buffer, at: number): boolean {
  let end = beforeSpace(body, at)
  if (body[end - 1] !== 0x3a) return false
  end = beforeSpace(body, end - 1)
  return end >= key.length && key.equals(body.subarray(end - key.length, end))
}

function beforeSpace(body: Buffer, end: number): number {
  while (end > 0 && isSpace(body[end - 1]!)) end--
  return end
}

function blank(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isSpace(body[at]!)) return false
  return true
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
