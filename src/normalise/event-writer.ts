/**
 * Writes events as bytes, one behind the other.
 *
 * Why not `JSON.stringify`: it makes a string of every event, which is joined with the others and encoded. Nearly all
 * of an event is ASCII that needs no escape, and to copy that straight into the buffer takes two thirds of the time.
 * Anything else in a string is left to `JSON.stringify`, whose escapes and numbers are RFC 8785's.
 *
 * Objects are written in the order of their members: canonical for a draft, unless something free-form in it is
 * `unsafe` or has lone surrogates; then the canonical writer takes over.
 */
import type { EncodedBatch } from '../event/batch.ts'
import { canonicalize } from '../event/canonical.ts'
import { HeldMemory } from '../held-memory.ts'
import type { SizedPool } from '../sized-pool.ts'
import type { EventDraft } from './compile/state.ts'

const initialBytes = 512 * 1024
/** A larger buffer is given back after its batch: one huge record must not cost memory for ever. */
const keptBytes = 4 * 1024 * 1024

const quote = 0x22
const comma = 0x2c
const colon = 0x3a

export class EventWriter {
  #bytes = new Uint8Array(initialBytes)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  #loneSurrogate = false
  readonly #pool: SizedPool | undefined

  /** `pool` is where what it gives away is put into. Default: memory of its own each time. */
  constructor(pool?: SizedPool) {
    this.#pool = pool
  }

  /** Writes an event and a newline; returns the event's bytes. When it throws, nothing was written. */
  write(event: EventDraft, unsafe: boolean): number {
    const start = this.#at
    try {
      this.#loneSurrogate = false
      if (unsafe) this.#bytesOf(Buffer.from(canonicalize(event, { onLoneSurrogate: this.#noteSurrogate })))
      else this.#object(event)
      if (this.#loneSurrogate) {
        this.#at = start
        const { parse = 'ok', warnings = [] } = event.quality ?? {}
        event.quality = { parse, warnings: [...warnings, 'lone surrogate replaced by U+FFFD'] }
        this.#bytesOf(Buffer.from(canonicalize(event)))
      }
      this.#reserve(1)
      this.#bytes[this.#at++] = 0x0a
    } catch (thrown) {
      this.#at = start
      throw thrown
    }
    return this.#at - start - 1
  }

  /** All that was written since the last call, in a buffer of its own, or in memory of the pool. */
  take(): Pick<EncodedBatch, 'payload' | 'memory'> {
    const written = this.#bytes.subarray(0, this.#at)
    this.#at = 0
    if (this.#bytes.length > keptBytes) this.#bytes = new Uint8Array(initialBytes)
    const pool = this.#pool
    if (pool === undefined) return { payload: written.slice() }
    const bytes = pool.take(written.length)
    bytes.set(written)
    return { payload: bytes.subarray(0, written.length), memory: new HeldMemory(bytes, pool) }
  }

  discard(): void {
    this.#at = 0
  }

  /** Makes room for `more` bytes from `at` on, for those who write an event themselves: into `bytes` or `view`. */
  room(more: number): void {
    this.#reserve(more)
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** The same bytes. */
  get view(): DataView {
    if (this.#view.buffer !== this.#bytes.buffer) this.#view = new DataView(this.#bytes.buffer)
    return this.#view
  }

  get at(): number {
    return this.#at
  }

  set at(at: number) {
    this.#at = at
  }

  #noteSurrogate = () => {
    this.#loneSurrogate = true
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#string(value)
        return
      case 'number':
        if (!Number.isFinite(value)) throw new TypeError(`JSON has no number ${value}`)
        this.#ascii(String(value))
        return
      case 'boolean':
        this.#ascii(value ? 'true' : 'false')
        return
      case 'object':
        if (value === null) this.#ascii('null')
        else if (Array.isArray(value)) this.#array(value)
        else this.#object(value)
        return
      default:
        throw new TypeError(`JSON has no ${typeof value}`)
    }
  }

  #object(object: object): void {
    const members = object as Readonly<Record<string, unknown>>
    this.#reserve(1)
    this.#bytes[this.#at++] = 0x7b
    let first = true
    for (const key in members) {
      const value = members[key]
      if (value === undefined) continue
      if (!first) {
        this.#reserve(1)
        this.#bytes[this.#at++] = comma
      }
      first = false
      this.#string(key)
      this.#reserve(1)
      this.#bytes[this.#at++] = colon
      if (typeof value === 'string') this.#string(value)
      else this.#value(value)
    }
    this.#reserve(1)
    this.#bytes[this.#at++] = 0x7d
  }

  #array(items: readonly unknown[]): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = 0x5b
    for (let i = 0; i < items.length; i++) {
      if (i > 0) {
        this.#reserve(1)
        this.#bytes[this.#at++] = comma
      }
      this.#value(items[i])
    }
    this.#reserve(1)
    this.#bytes[this.#at++] = 0x5d
  }

  #string(text: string): void {
    const { length } = text
    this.#reserve(length + 2)
    const into = this.#bytes
    let at = this.#at
    into[at++] = quote
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit < 0x20 || unit > 0x7e || unit === quote || unit === 0x5c) {
        this.#escaped(text)
        return
      }
      into[at++] = unit
    }
    into[at++] = quote
    this.#at = at
  }

  #escaped(text: string): void {
    if (!text.isWellFormed()) this.#loneSurrogate = true
    this.#bytesOf(Buffer.from(JSON.stringify(text)))
  }

  #ascii(text: string): void {
    this.#reserve(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i)
  }

  #bytesOf(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
  }
}
