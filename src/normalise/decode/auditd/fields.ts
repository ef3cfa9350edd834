/**
 * The fields of one line of auditd: `key=value`, quoted or not, with words in between, `msg='…'` with fields of its own,
 * and behind a group separator (0x1D) the names that an enriching auditd added, as fields of upper-case keys. Some
 * forwarders lose the separator (`res=success'UID="root"`); that is read all the same.
 *
 * Ways to write nothing (`?`, `(null)`, `(none)`, `unset`, and 4294967295 or -1 where a login or session id belongs) leave
 * the field out. `key` is a list, `keys`.
 */
import { mostWeight } from '../../../event/record-weight.ts'
import { decodeBytes, decodeText, type Encoding, encodingOf, partsOf } from './encoded.ts'

export interface Fields {
  [key: string]: FieldValue | undefined
}

export type FieldValue = string | readonly string[] | Fields | readonly Fields[]

const space = 0x20
const groupSeparator = 0x1d
const doubleQuote = 0x22
const singleQuote = 0x27
const openBrace = 0x7b

/** Login and session ids, which are 2^32 - 1 for processes that nobody logged in for. */
const ofLogin = new Set(['auid', 'ses', 'old-auid', 'old-ses', 'sauid'])
const enriched = /^(.+?)((?:ARCH|SYSCALL|SADDR|ID|(?:[AEFIOS]|FS|OA|SA)?UID|(?:[EIOS]|FS)?GID|OLD-AUID)=.*)$/s
const avc = /^avc: {1,2}(\w+) {1,2}\{ ?([^}]*?) ?\} for /

/** How lines are read. */
export interface Reading {
  /** What went wrong, without anything of the text. */
  readonly warnings: string[]
  /** Some of the text could not be read. */
  torn: boolean
  /** Of all its lines so far. */
  fields: number
}

/**
 * Adds the fields of `text` from `at` on to `into`. Those that are there already get all their values.
 * @param encodings how a field's value is written when it stands without quotes
 */
export function readFields(
  text: string,
  at: number,
  into: Fields,
  reading: Reading,
  encodings: (key: string) => Encoding | undefined = encodingOf,
): void {
  new FieldReader(text, at, into, reading, encodings).read()
}

class FieldReader {
  readonly #text: string
  readonly #into: Fields
  readonly #reading: Reading
  readonly #encodings: (key: string) => Encoding | undefined
  #words = ''
  #at: number
  /** The next group separator, or the text's end. */
  #separator: number

  constructor(
    text: string,
    at: number,
    into: Fields,
    reading: Reading,
    encodings: (key: string) => Encoding | undefined,
  ) {
    this.#text = text
    this.#at = at
    this.#into = into
    this.#reading = reading
    this.#encodings = encodings
    this.#separator = indexOrEnd(text, '\x1d', at)
  }

  read(): void {
    const text = this.#text
    if (text.startsWith('avc:', text.charCodeAt(this.#at) === space ? this.#at + 1 : this.#at))
      this.#readAvc()
    while (this.#skipSpace()) {
      if (++this.#reading.fields > mostWeight) {
        this.#stop()
        break
      }
      const at = this.#at
      const equals = text.indexOf('=', at)
      const end = this.#wordEnd(at)
      if (equals <= at || equals >= end) {
        this.#words += this.#words === '' ? text.slice(at, end) : ` ${text.slice(at, end)}`
        this.#at = end
      } else this.#readValue(text.slice(at, equals), equals + 1, end)
    }
    if (this.#words !== '') add(this.#into, 'text', this.#words.replace(/[,:]$/, ''))
  }

  /** There are more than anybody reads. */
  #stop(): void {
    const reading = this.#reading
    reading.torn = true
    if (reading.fields === mostWeight + 1)
      reading.warnings.push(`of more than ${mostWeight} fields the others are not read`)
  }

  /** `avc:  denied  { read write } for  pid=…`, as SELinux begins. */
  #readAvc(): void {
    this.#skipSpace()
    const match = avc.exec(this.#text.slice(this.#at))
    if (match === null) return
    const [whole, result = '', permissions = ''] = match
    add(this.#into, 'avc', result)
    if (permissions !== '') add(this.#into, 'permissions', permissions.split(' '))
    this.#at += whole.length
  }

  #skipSpace(): boolean {
    const text = this.#text
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at)
      if (code !== space && code !== groupSeparator) return true
    }
    return false
  }

  /** Before the next space or separator, or the text's end. */
  #wordEnd(from: number): number {
    if (this.#separator < from) this.#separator = indexOrEnd(this.#text, '\x1d', from)
    return Math.min(indexOrEnd(this.#text, ' ', from), this.#separator)
  }

  /** `at` is where the value begins, `wordEnd` where it ends if it is bare. */
  #readValue(key: string, at: number, wordEnd: number): void {
    const text = this.#text
    switch (text.charCodeAt(at)) {
      case doubleQuote:
        this.#add(key, this.#quoted(key, at, text.indexOf('"', at + 1)), true)
        return
      case singleQuote:
        if (key === 'msg') this.#readMessage(at)
        else this.#add(key, this.#quoted(key, at, text.indexOf("'", at + 1)), true)
        return
      case openBrace: {
        const close = text.indexOf('}', at)
        const end = close < 0 ? text.length : close + 1
        add(this.#into, key, text.slice(at, end))
        this.#at = end
        return
      }
      default:
        this.#readBare(key, at, wordEnd)
    }
  }

  #readBare(key: string, at: number, wordEnd: number): void {
    let value = this.#text.slice(at, wordEnd)
    this.#at = wordEnd
    if (value.includes('=')) {
      const match = enriched.exec(value)
      if (match !== null) {
        const [, own = '', rest = ''] = match
        value = own
        this.#at = wordEnd - rest.length
      }
    }
    const last = value.charCodeAt(value.length - 1)
    if (last === doubleQuote || last === singleQuote) {
      this.#reading.warnings.push(`a quote is closed that was not opened: ${key}`)
      value = value.slice(0, -1)
    } else if (last === 0x2c) value = value.slice(0, -1)
    this.#add(key, value, false)
  }

  /** The text of a value in quotes, from `open` to `close`. */
  #quoted(key: string, open: number, close: number): string {
    if (close >= 0) {
      this.#at = close + 1
      return this.#text.slice(open + 1, close)
    }
    this.#reading.warnings.push(`a quote is not closed: ${key}`)
    this.#reading.torn = true
    this.#at = this.#text.length
    return this.#text.slice(open + 1)
  }

  /** `msg='…'`: what a program says, with fields of its own. It ends with the last quote before enriched fields. */
  #readMessage(at: number): void {
    const close = this.#text.lastIndexOf("'", indexOrEnd(this.#text, '\x1d', at) - 1)
    const inner = this.#quoted('msg', at, close > at ? close : -1)
    const fields: Fields = {}
    readFields(inner, 0, fields, this.#reading)
    add(this.#into, 'msg', fields)
  }

  #add(key: string, value: string, wasQuoted: boolean): void {
    if (isNothing(key, value)) return
    if (key === 'key') {
      add(this.#into, 'keys', partsOf(wasQuoted ? value : decodeText(value), '\x01'))
      return
    }
    const encoding = wasQuoted && this.#encodings === encodingOf ? undefined : this.#encodings(key)
    add(this.#into, key, encoding === undefined ? value : decoded(value, encoding, wasQuoted))
  }
}

function decoded(value: string, encoding: Encoding, wasQuoted: boolean): string {
  if (encoding === 'text') return wasQuoted ? value : decodeText(value)
  return wasQuoted ? Buffer.from(value).toString('latin1') : decodeBytes(value)
}

function isNothing(key: string, value: string): boolean {
  switch (value.charCodeAt(0)) {
    case 0x3f: // ?
      return value.length === 1
    case 0x28: // (
      return value === '(null)' || value === '(none)'
    case 0x34: // 4
      return value === '4294967295' && ofLogin.has(key)
    case 0x2d: // -
      return value === '-1' && ofLogin.has(key)
    case 0x75: // u
      return value === 'unset'
    default:
      return value === ''
  }
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from)
  return at < 0 ? text.length : at
}

/** A key that comes again keeps all its values. */
export function add(into: Fields, key: string, value: FieldValue): void {
  // What every object inherits is not undefined, and goes the long way.
  if (into[key] === undefined) into[key] = value
  else addAgain(into, key, value)
}

/** Lists that were made here: they grow in place, or a key that comes thousands of times would take its square. */
const grown = new WeakSet<readonly string[]>()

function addAgain(into: Fields, key: string, value: FieldValue): void {
  const before = Object.hasOwn(into, key) ? into[key] : undefined
  let both = value
  if (before !== undefined) {
    if (!isTexts(before) || !isTexts(value)) return
    if (typeof before !== 'string' && grown.has(before)) {
      const list = before as string[]
      for (const text of textsOf(value)) list.push(text)
      return
    }
    const list = [...textsOf(before), ...textsOf(value)]
    grown.add(list)
    both = list
  }
  Object.defineProperty(into, key, { value: both, enumerable: true, configurable: true, writable: true })
}

/** A list holds values of one kind. */
function isTexts(value: FieldValue): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && typeof value[0] === 'string')
}

function textsOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
