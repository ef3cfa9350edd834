/** Finds the fields of nginx's format `combined` where they are plain: as `decodeAccessLog` takes them, word by word. */
import { type FieldFinder, type FieldPath, noLayout } from './field-finder.ts'
import { Layouts } from './layouts.ts'

const names = [
  'host',
  'remote_addr',
  'remote_user',
  'time_local',
  'request_method',
  'request_uri',
  'server_protocol',
  'status',
  'body_bytes_sent',
  'http_referer',
  'http_user_agent',
  'http_x_forwarded_for',
] as const
const field = Object.fromEntries(names.map((name, i) => [name, i])) as Record<(typeof names)[number], number>
/** In quotes at the end, in this order. */
const quotedFields = [field.http_referer, field.http_user_agent, field.http_x_forwarded_for]

const space = 0x20
const quote = 0x22
const dash = 0x2d
const open = 0x5b
const close = 0x5d

/** 1 for bytes of words; other characters than ASCII may be spaces. */
const isOfWord = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > space && byte < 0x7f && byte !== quote && byte !== 0x5c ? 1 : 0,
)
/** 1 for bytes that stand for themselves within quotes. */
const isQuoted = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= space && byte !== quote && byte !== 0x5c ? 1 : 0,
)
const protocol = Buffer.from('HTTP/')
const longestMethod = 32

export class AccessLogFields implements FieldFinder {
  readonly places = new Int32Array(2 * names.length)
  readonly #layouts = new Layouts()
  #bytes: Uint8Array = new Uint8Array()
  #end = 0
  #at = 0
  #count = 0
  #found = 0

  find(bytes: Uint8Array, start: number, end: number): number {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#count = 0
    this.#found = 0
    if (!this.#client() || !this.#time() || !this.#request() || !this.#rest()) return noLayout
    return this.#layouts.of(this.#found, 0)
  }

  pathsOf(layout: number): readonly FieldPath[] {
    const { first } = this.#layouts.at(layout)
    return names.flatMap((name, i) => ((first & (1 << i)) === 0 ? [] : [[name]]))
  }

  /** `host client - user `: the host only where the format has it. */
  #client(): boolean {
    const first = this.#at
    const firstEnd = this.#word()
    if (!this.#take(space)) return false
    const second = this.#at
    const secondEnd = this.#word()
    if (!this.#take(space)) return false
    const third = this.#at
    const thirdEnd = this.#word()
    if (!this.#take(space)) return false
    if (secondEnd - second === 1 && this.#bytes[second] === dash) {
      return this.#set(field.remote_addr, first, firstEnd) && this.#set(field.remote_user, third, thirdEnd)
    }
    if (thirdEnd - third !== 1 || this.#bytes[third] !== dash) return false
    const fourth = this.#at
    const fourthEnd = this.#word()
    return (
      this.#take(space) &&
      this.#set(field.host, first, firstEnd) &&
      this.#set(field.remote_addr, second, secondEnd) &&
      this.#set(field.remote_user, fourth, fourthEnd)
    )
  }

  /** `[time] "` */
  #time(): boolean {
    if (!this.#take(open)) return false
    const bytes = this.#bytes
    const from = this.#at
    let to = from
    while (to < this.#end && isQuoted[bytes[to]!] === 1 && bytes[to] !== open && bytes[to] !== close) to++
    this.#at = to
    return (
      this.#take(close) && this.#take(space) && this.#take(quote) && this.#set(field.time_local, from, to)
    )
  }

  /** `METHOD uri HTTP/1.1"` */
  #request(): boolean {
    const bytes = this.#bytes
    const from = this.#at
    let to = from
    while (to < this.#end && (isCapital(bytes[to]!) || (to > from && bytes[to] === dash))) to++
    if (to === from || to - from > longestMethod) return false
    this.#at = to
    if (!this.#take(space)) return false
    this.#add(field.request_method, from, to)
    const uri = this.#at
    const uriEnd = this.#word(true)
    if (uriEnd === uri) return false
    this.#add(field.request_uri, uri, uriEnd)
    if (this.#take(quote)) return true
    if (!this.#take(space)) return false
    const version = this.#at
    for (let i = 0; i < protocol.length; i++) if (!this.#take(protocol[i]!)) return false
    if (!this.#digit()) return false
    if (this.#take(0x2e) && !this.#digit()) return false
    this.#add(field.server_protocol, version, this.#at)
    return this.#take(quote)
  }

  /** ` status size "referer" "user agent" "forwarded for"`, the quoted ones as far as they are there. */
  #rest(): boolean {
    for (const name of [field.status, field.body_bytes_sent]) {
      if (!this.#take(space)) return false
      const from = this.#at
      const to = this.#word(true)
      if (to === from || !this.#set(name, from, to)) return false
    }
    const bytes = this.#bytes
    for (let i = 0; this.#at < this.#end; i++) {
      const name = quotedFields[i]
      if (name === undefined || !this.#take(space) || !this.#take(quote)) return false
      const from = this.#at
      let to = from
      while (to < this.#end && isQuoted[bytes[to]!] === 1) to++
      this.#at = to
      if (!this.#take(quote) || !this.#set(name, from, to)) return false
    }
    return true
  }

  /** Goes behind the word; returns that. Where brackets are none of it, it ends before one. */
  #word(hasBrackets = false): number {
    const bytes = this.#bytes
    let to = this.#at
    while (to < this.#end && isOfWord[bytes[to]!] === 1 && (hasBrackets || bytes[to] !== open)) to++
    this.#at = to
    return to
  }

  #take(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #digit(): boolean {
    const byte = this.#bytes[this.#at]!
    if (this.#at >= this.#end || byte < 0x30 || byte > 0x39) return false
    this.#at++
    return true
  }

  /** `-` is nothing, and so is an empty text; always true. */
  #set(name: number, from: number, to: number): true {
    const isNothing = to === from || (to - from === 1 && this.#bytes[from] === dash)
    if (!isNothing) this.#add(name, from, to)
    return true
  }

  #add(name: number, from: number, to: number): void {
    this.#found |= 1 << name
    this.places[2 * this.#count] = from
    this.places[2 * this.#count + 1] = to
    this.#count++
  }
}

const isCapital = (byte: number) => byte >= 0x41 && byte <= 0x5a
