/** An input's bytes as what they stand for: gzip is read as what it holds, and UTF-16 becomes UTF-8. */
import { StringDecoder } from 'node:string_decoder'
import { AffiantError } from '../errors.ts'
import { markedEncoding } from '../receivers/file/framing/encoding.ts'
import { compressionOf, isGzip } from '../receivers/file/identity/head.ts'
import { gunzipped } from './gunzipped.ts'

/** Bytes in which it is seen what it is: never more, in whatever pieces they come. */
const lookedAt = 64

/**
 * @param name of the input, for messages
 * @throws AffiantError `input_format` for gzip that is damaged or cut off (all that is before has been given then), and for
 * what nothing here can read
 */
export async function* plainBytes(
  input: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const { head, all } = await beginning(input)
  if (isGzip(head)) yield* textBytes(await beginning(gunzipped(all, name)), `what ${name} holds`)
  else yield* textBytes({ head, all }, name)
}

/** One level of compression is taken off: what holds itself would never end. */
async function* textBytes({ head, all }: Beginning, name: string): AsyncGenerator<Uint8Array> {
  const compression = compressionOf(head)
  if (compression !== null) {
    throw new AffiantError('input_format', `${name} is compressed with ${compression}, which is not read`, {
      hint: `decompress it first: ${compression} -dc FILE | affiant …`,
    })
  }
  const encoding = markedEncoding(head)
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    yield* fromUtf16(all, encoding === 'utf-16be')
    return
  }
  const unmarked = unmarkedUtf16(head)
  if (unmarked !== undefined) {
    throw new AffiantError('input_format', `${name} looks like ${unmarked} without a byte order mark`, {
      hint: `iconv -f ${unmarked} -t UTF-8 makes UTF-8 of it; for a file receiver, say encoding: ${unmarked.toLowerCase()}`,
    })
  }
  yield* all
}

interface Beginning {
  /** The first `lookedAt` bytes, or fewer where there are not so many. */
  readonly head: Buffer
  /** All of it, the head included, up to a fault where there is one. */
  readonly all: AsyncIterable<Uint8Array>
}

async function beginning(input: AsyncIterable<Uint8Array>): Promise<Beginning> {
  const chunks = input[Symbol.asyncIterator]()
  let first = Buffer.alloc(0)
  let ended = false
  let fault: { readonly thrown: unknown } | undefined
  while (first.length < lookedAt && !ended) {
    try {
      const { done, value } = await chunks.next()
      if (done === true) ended = true
      else first = Buffer.concat([first, value])
    } catch (thrown) {
      fault = { thrown }
      ended = true
    }
  }
  const all = (async function* (): AsyncGenerator<Uint8Array> {
    if (first.length > 0) yield first
    if (fault !== undefined) throw fault.thrown
    yield* { [Symbol.asyncIterator]: () => chunks }
  })()
  return { head: first.subarray(0, lookedAt), all }
}

/** Half of a pair, and an odd byte at the end, become U+FFFD, as a file receiver has it. */
async function* fromUtf16(input: AsyncIterable<Uint8Array>, bigEndian: boolean): AsyncGenerator<Uint8Array> {
  const decoder = new StringDecoder('utf16le')
  let odd = Buffer.alloc(0)
  let isFirst = true
  const utf8 = (text: string) => {
    const unmarked = isFirst ? text.replace(/^\ufeff/, '') : text
    isFirst &&= text === ''
    return Buffer.from(unmarked)
  }
  for await (const chunk of input) {
    const joined = Buffer.concat([odd, chunk])
    const whole = Buffer.from(joined.subarray(0, joined.length & ~1))
    odd = Buffer.from(joined.subarray(whole.length))
    yield utf8(decoder.write(bigEndian ? whole.swap16() : whole))
  }
  yield utf8(decoder.end() + (odd.length > 0 ? '\ufffd' : ''))
}

/** Text of ASCII characters with a NUL beside each. */
function unmarkedUtf16(head: Buffer): 'UTF-16LE' | 'UTF-16BE' | undefined {
  const units = head.length >> 1
  if (units < 4) return undefined
  const areNul = (from: 0 | 1) => {
    for (let i = from; i < 2 * units; i += 2) if (head[i] !== 0) return false
    return true
  }
  const arePrintable = (from: 0 | 1) => {
    for (let i = from; i < 2 * units; i += 2) {
      const byte = head[i]!
      if (byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && (byte < 0x20 || byte > 0x7e)) return false
    }
    return true
  }
  if (arePrintable(0) && areNul(1)) return 'UTF-16LE'
  return areNul(0) && arePrintable(1) ? 'UTF-16BE' : undefined
}
