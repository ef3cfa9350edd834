/** JSON records of a body, each as it was written, or one error that names all that are none. */
import { isUtf8 } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { jsonFault } from './json-fault.ts'
import { elementsIn, SliceError } from './json-slices.ts'
import { type JsonObject, readObject } from './read-object.ts'
import { oversizeRecord } from './record-limit.ts'

/** What is wrong with a record, by its index in the body. */
interface Fault {
  readonly index: number
  readonly why: string
}

/** Of more an answer only says how many. */
const mostNamed = 20
/** After this many nobody looks for more: a body of millions of them costs no more than that. */
const mostFaults = 1_000
/** Records of a body of more are made anew when they are taken in, rather than held all at a time. */
const mostHeld = 10_000
/** The event loop has its turn after so many characters and records. */
const turn = 256 * 1024
const recordCost = 64

/** Of UTF-8, without a byte order mark. Throws `bad_request`. */
export function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new AffiantError('bad_request', 'the body is not UTF-8')
  return body.toString('utf8').replace(/^\uFEFF/, '')
}

/** The elements of a list, anew each time that they are gone through; `what` names it. Then throws `bad_request`. */
export function listOf(text: string, what: string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      try {
        yield* elementsIn(text)
      } catch (thrown) {
        if (!(thrown instanceof SliceError)) throw thrown
        throw new AffiantError('bad_request', `${what} is no JSON list: ${thrown.message}`)
      }
    },
  }
}

/** The lines of a text that are not blank, anew each time that they are gone through. */
export function linesOf(text: string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start < text.length; ) {
        const feed = text.indexOf('\n', start)
        const end = feed < 0 ? text.length : feed
        const line = text.slice(start, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end)
        if (line.trim() !== '') yield line
        start = end + 1
      }
    },
  }
}

/** Makes a record of a text, or throws what is wrong with it. */
type Read = (text: string) => TextRecord

/**
 * Reads objects: `make` is given each text and what it is, as `readObject` has it. One over `maxRecord` bytes is not parsed, and
 * so never wrong; `oversize` says what else is to be known of it.
 */
export function objectsUpTo(
  maxRecord: number,
  make: (text: string, object: () => JsonObject) => TextRecord,
  oversize: (text: string) => Partial<TextRecord> = () => ({}),
): Read {
  return (text) => {
    const unread = oversizeRecord(text, maxRecord)
    return unread === undefined ? make(text, readObject(text)) : { ...unread, ...oversize(text) }
  }
}

/**
 * What `read` makes of each text. Rejects with `bad_request` if anything is wrong with any; then there is nothing to be taken
 * of the body. Whoever goes through the records gets them one at a time: millions fit into a body, and would not fit into
 * memory.
 */
export async function recordsOf(texts: Iterable<string>, read: Read): Promise<Iterable<TextRecord>> {
  const faults: Fault[] = []
  let held: TextRecord[] | undefined = []
  let count = 0
  let work = 0
  for (const text of texts) {
    try {
      const record = read(text)
      held?.push(record)
    } catch (thrown) {
      faults.push({ index: count, why: jsonFault(text, thrown) })
      if (faults.length > mostFaults) break
    }
    if (++count > mostHeld) held = undefined
    work += text.length + recordCost
    if (work < turn) continue
    work = 0
    await setImmediate()
  }
  if (faults.length > 0) throw new AffiantError('bad_request', told(faults, count))
  return held ?? readAnew(texts, read)
}

function readAnew(texts: Iterable<string>, read: Read): Iterable<TextRecord> {
  return {
    *[Symbol.iterator]() {
      for (const text of texts) yield read(text)
    },
  }
}

function told(faults: readonly Fault[], count: number): string {
  const named = faults.slice(0, mostNamed).map(({ index, why }) => `record ${index}: ${why}`)
  const more = faults.length - named.length
  const isAll = faults.length <= mostFaults
  const how = isAll ? `${faults.length} of ${count} records` : `more than ${mostFaults} records`
  const rest = more === 0 ? '' : `; and ${isAll ? more : `more than ${more - 1}`} more`
  return `${how} cannot be read, and none was taken in: ${named.join('; ')}${rest}`
}
