/**
 * A JSON parser (RFC 8259) that changes nothing without saying so. Slow beside JSON.parse, and only asked about
 * texts that JSON.parse refused or may have changed.
 */
import { survivesAsDouble } from './number.ts'

export type Lossless =
  | { readonly ok: true; readonly value: unknown; readonly warnings: readonly string[] }
  | {
      readonly ok: false
      readonly reason: string
      /** It is an object or a list as far as it goes, and ends before that does. */
      readonly torn?: boolean
    }

/** Warnings that are spelt out; a line of a million duplicates must not become a million warnings. */
const maxWarnings = 8
const maxPathLength = 120

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const hexPattern = /[0-9a-fA-F]{4}/y
/** What may stand at the end of a text that was cut off, from where it cannot be read on. */
const beginning = /^(?:\\(?:u[0-9a-fA-F]{0,3})?|tr?u?|fa?l?s?|nu?l?|-|\.|[eE][+-]?)?$/

/** Where and why a text cannot be read. Thrown and caught in this file: a return value would burden every step. */
class Unreadable extends Error {
  readonly torn: boolean

  constructor(message: string, torn: boolean) {
    super(message)
    this.torn = torn
  }
}

/**
 * Parses `text`, at most `maxDepth` levels deep. Integers beyond 2^53 - 1 and numbers that a double cannot hold become
 * strings, of duplicate keys the last wins, lone surrogates become U+FFFD: each with a warning that names the path.
 * Reasons name a character's position (from 1) and nothing of the text.
 */
export function parseLossless(text: string, maxDepth: number): Lossless {
  const parser = new Parser(text, maxDepth)
  try {
    const value = parser.parse()
    return { ok: true, value, warnings: parser.finishWarnings() }
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { ok: false, reason: thrown.message, torn: thrown.torn }
    throw thrown
  }
}

class Parser {
  readonly #text: string
  readonly #maxDepth: number
  readonly #path: (string | number)[] = []
  readonly #warnings: string[] = []
  #more = 0
  #at = 0

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  parse(): unknown {
    const value = this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#fault('something stands behind the value')
    return value
  }

  finishWarnings(): readonly string[] {
    if (this.#more > 0) this.#warnings.push(`and ${this.#more} more like these`)
    return this.#warnings
  }

  #fault(what: string): Unreadable {
    const torn = /^[ \t\n\r]*[{[]/.test(this.#text) && beginning.test(this.#text.slice(this.#at))
    return new Unreadable(`not JSON: ${what} at character ${this.#at + 1}`, torn)
  }

  #warn(what: string): void {
    if (this.#warnings.length === maxWarnings) {
      this.#more++
      return
    }
    const path = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    const shown = path.startsWith('.') ? path.slice(1) : path
    this.#warnings.push(`${what}: ${shown.slice(0, maxPathLength).toWellFormed()}`)
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return
      this.#at++
    }
  }

  #value(): unknown {
    this.#skipSpace()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#repaired(this.#string())
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      case undefined:
        throw this.#fault('the text ends where a value should begin')
      default:
        return this.#number()
    }
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#fault('no JSON value')
    this.#at += word.length
    return value
  }

  #number(): number | string {
    numberPattern.lastIndex = this.#at
    const text = numberPattern.exec(this.#text)?.[0]
    if (text === undefined) throw this.#fault('no JSON value')
    this.#at += text.length
    if (survivesAsDouble(text)) return Number(text)
    this.#warn('number kept as text, a double would change it')
    return text
  }

  /** The string at the quote, as it is escaped; surrogates are not looked at. */
  #string(): string {
    const start = ++this.#at
    let escaped = false
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(unit)) throw this.#fault('the text ends within a string')
      if (unit < 0x20) throw this.#fault('an unescaped control character')
      if (unit === 0x22) break
      if (unit === 0x5c) {
        escaped = true
        this.#escape()
      } else {
        this.#at++
      }
    }
    const inner = this.#text.slice(start, this.#at++)
    return escaped ? (JSON.parse(`"${inner}"`) as string) : inner
  }

  #escape(): void {
    const letter = this.#text[this.#at + 1]
    if (letter === 'u') {
      hexPattern.lastIndex = this.#at + 2
      if (!hexPattern.test(this.#text)) throw this.#fault('an escape that JSON does not have')
      this.#at += 6
    } else {
      if (letter === undefined || !'"\\/bfnrt'.includes(letter)) {
        throw this.#fault('an escape that JSON does not have')
      }
      this.#at += 2
    }
  }

  #repaired(string: string): string {
    if (string.isWellFormed()) return string
    this.#warn('lone surrogate replaced by U+FFFD')
    return string.toWellFormed()
  }

  #enter(): void {
    if (this.#path.length === this.#maxDepth) {
      throw new Unreadable(`nested deeper than ${this.#maxDepth} levels`, false)
    }
    this.#at++
    this.#skipSpace()
  }

  #object(): Record<string, unknown> {
    this.#enter()
    const members = new Map<string, unknown>()
    if (this.#text[this.#at] === '}') {
      this.#at++
      return {}
    }
    for (;;) {
      this.#skipSpace()
      if (this.#text[this.#at] !== '"') throw this.#fault('no key in quotes')
      const key = this.#string()
      this.#path.push(key)
      const repaired = this.#repaired(key)
      this.#path[this.#path.length - 1] = repaired
      if (members.has(repaired)) this.#warn('duplicate key, the last one is kept')
      this.#skipSpace()
      if (this.#text[this.#at] !== ':') throw this.#fault('no colon behind a key')
      this.#at++
      members.set(repaired, this.#value())
      this.#path.pop()
      if (this.#ends('}')) return Object.fromEntries(members)
    }
  }

  #array(): unknown[] {
    this.#enter()
    const items: unknown[] = []
    if (this.#text[this.#at] === ']') {
      this.#at++
      return items
    }
    for (;;) {
      this.#path.push(items.length)
      items.push(this.#value())
      this.#path.pop()
      if (this.#ends(']')) return items
    }
  }

  /** Behind a member or item: true at `close`, false at a comma. */
  #ends(close: '}' | ']'): boolean {
    this.#skipSpace()
    const found = this.#text[this.#at]
    if (found !== close && found !== ',') {
      throw this.#fault(found === undefined ? `the text ends before ${close}` : `neither , nor ${close}`)
    }
    this.#at++
    return found === close
  }
}
