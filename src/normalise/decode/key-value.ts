/**
 * Pairs such as `time=… user="Ann B." ip=10.0.0.1` (logfmt) or `type=LOGIN, realmId=r1`. Everything is text. A value that
 * begins with a quote ends at the next one that no backslash precedes, any other at the separator. Words that are no
 * pair are kept in `extra`.
 */
import { mostWeight } from '../../event/record-weight.ts'
import { setMember } from '../set-member.ts'
import type { Decode, Decoder } from './decoder.ts'
import { characterOption, onlyOptions, textOption } from './options.ts'

interface Syntax {
  /** Between pairs; `whiteSpace` for any amount of it. */
  readonly separator: string
  /** Between key and value. */
  readonly assign: string
  readonly quotes: string
}

const whiteSpace = ' '
/** Warnings that are spelt out. */
const maxWarnings = 8
const isSpace = (text: string, at: number) => {
  const code = text.charCodeAt(at)
  return code === 0x20 || code === 0x09
}

/** `{ separator: ', ', assign: ':', quotes: '"' }`. @throws Error that says what is wrong with the options */
export function createKeyValueDecoder(options: Readonly<Record<string, unknown>>): Decoder {
  onlyOptions(options, ['separator', 'assign', 'quotes'])
  const separator = textOption(options, 'separator', whiteSpace)
  const assign = characterOption(options, 'assign', '=')
  const quotes = textOption(options, 'quotes', '"\'')
  if (
    `${separator}${quotes}`.includes(assign) ||
    Array.from(quotes).some((quote) => separator.includes(quote))
  ) {
    throw new Error('`separator`, `assign` and `quotes` have characters in common')
  }
  return { decode: keyValueDecode({ separator, assign, quotes }) }
}

function keyValueDecode(syntax: Syntax): Decode {
  return (text) => {
    const pairs = new Pairs(text, syntax)
    if (!pairs.read()) return { ok: false, reason: `key_value: there is no key${syntax.assign}value` }
    const { value, warnings } = pairs
    return pairs.isCut ? { ok: true, value, warnings, partial: true } : { ok: true, value, warnings }
  }
}

class Pairs {
  readonly value: Record<string, unknown> = {}
  readonly #warnings: string[] = []
  #moreWarnings = 0
  readonly #text: string
  readonly #syntax: Syntax
  #at = 0
  /** There are more than anybody reads. */
  isCut = false
  /** Where the next one is, looked for once and not once a word: the text is read in one go, whatever is in it. */
  readonly #next = { assign: -1, separator: -1, space: -1 }

  constructor(text: string, syntax: Syntax) {
    this.#text = text
    this.#syntax = syntax
  }

  /** Whether there is a pair at all. */
  read(): boolean {
    const text = this.#text
    const { assign } = this.#syntax
    const words: string[] = []
    let any = false
    let count = 0
    for (this.#skip(); this.#at < text.length; this.#skip()) {
      if (++count > mostWeight) {
        this.isCut = true
        this.#warnings.unshift(`of more than ${mostWeight} pairs and words the others are not read`)
        break
      }
      const end = this.#end()
      const equals = this.#find('assign', assign)
      if (equals > this.#at && equals < end) {
        this.#pair(text.slice(this.#at, equals).trimEnd(), equals + 1, end)
        any = true
      } else {
        words.push(text.slice(this.#at, end).trimEnd())
        this.#at = end
      }
    }
    if (words.length > 0) {
      let name = 'extra'
      while (Object.hasOwn(this.value, name)) name += '_'
      this.value[name] = words
    }
    return any
  }

  #pair(key: string, from: number, end: number): void {
    const text = this.#text
    if (Object.hasOwn(this.value, key)) this.#warn('duplicate key, the last one is kept', key)
    if (text[from] !== undefined && this.#syntax.quotes.includes(text[from])) {
      const closing = closingQuote(text, from)
      if (closing > 0) {
        setMember(this.value, key, unescaped(text.slice(from + 1, closing)))
        this.#at = closing + 1
        return
      }
      this.#warn('a quote that nothing closes', key)
    }
    setMember(this.value, key, text.slice(from, end).trim())
    this.#at = end
  }

  /** Over what stands between pairs. */
  #skip(): void {
    const { separator } = this.#syntax
    for (;;) {
      if (separator !== whiteSpace && this.#text.startsWith(separator, this.#at)) this.#at += separator.length
      else if (isSpace(this.#text, this.#at)) this.#at++
      else return
    }
  }

  /** Where what begins here ends, if it is not quoted. */
  #end(): number {
    const { separator } = this.#syntax
    const text = this.#text
    if (separator !== whiteSpace) return this.#find('separator', separator)
    if (this.#next.space < this.#at) {
      let end = this.#at
      while (end < text.length && !isSpace(text, end)) end++
      this.#next.space = end
    }
    return this.#next.space
  }

  #find(what: 'assign' | 'separator', text: string): number {
    if (this.#next[what] < this.#at) {
      const found = this.#text.indexOf(text, this.#at)
      this.#next[what] = found < 0 ? this.#text.length : found
    }
    return this.#next[what]
  }

  /** Keys of a text may be anything: only one that looks like a name is repeated. */
  #warn(what: string, key: string): void {
    if (this.#warnings.length === maxWarnings) this.#moreWarnings++
    else this.#warnings.push(/^[\w.@-]{1,64}$/.test(key) ? `${what}: ${key}` : what)
  }

  get warnings(): readonly string[] {
    if (this.#moreWarnings === 0) return this.#warnings
    return [...this.#warnings, `and ${this.#moreWarnings} more like these`]
  }
}

/** Where the quote at `from` is closed, or -1. */
function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[from]) return at
  }
  return -1
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(["'\\nrt])/g, (_, character: string) => escapes[character] ?? character)
}
