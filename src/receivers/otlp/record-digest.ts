/**
 * What tells a record from another one with the same id, from its bytes: decoded, it would have to be written down again to be
 * hashed, which takes longer than to decode it.
 */
import { hash } from 'node:crypto'
import { ProtobufReader } from './protobuf.ts'
import type { ResourceValue, ScopeValue } from './record.ts'

/** `LogRecord.observed_time_unix_nano`, fixed64. */
const observedTime = 11
const fixed64Length = 8

/** What is hashed is put together here, for all. */
let scratch = Buffer.from(new ArrayBuffer(16 * 1024))

export class RecordDigests {
  readonly #body: Buffer
  readonly #reader: ProtobufReader
  #around: { readonly resource: ResourceValue; readonly scope: ScopeValue } | undefined
  /** What goes before a record's bytes: known once the first record with an id asks. */
  #prefix: Buffer | undefined

  constructor(body: Buffer) {
    this.#body = body
    this.#reader = new ProtobufReader(body)
  }

  /** Records that are asked for from here on are described by these. */
  describe(resource: ResourceValue, scope: ScopeValue): void {
    this.#around = { resource, scope }
    this.#prefix = undefined
  }

  /**
   * Of the LogRecord whose fields are `[start, end)` of the body, as a text (record-marks.ts): the first 16 bytes of SHA-256 over
   * 32 bytes, the SHA-256 of its resource and scope, and its own, without the time at which it was observed.
   *
   * @param observed where the field with that time begins, 0 for a record without one, where that is known: nothing is looked for then
   */
  of(start: number, end: number, observed?: number): string {
    this.#prefix ??= hash('sha256', JSON.stringify(this.#around), 'buffer')
    const prefix = this.#prefix
    const length = prefix.length + end - start
    if (length > scratch.length) scratch = Buffer.from(new ArrayBuffer(2 * length))
    scratch.set(prefix)
    let at = prefix.length
    let from = start
    if (observed !== undefined) {
      if (observed > 0) {
        at = this.#add(at, from, observed)
        from = observed + 1 + fixed64Length
      }
      return this.#digest(this.#add(at, from, end))
    }
    const reader = this.#reader
    reader.position = start
    while (reader.position < end) {
      const field = reader.position
      const tag = reader.tag(end)
      reader.skip(tag, end)
      if (tag >>> 3 !== observedTime || reader.position - field <= fixed64Length) continue
      at = this.#add(at, from, field)
      from = reader.position
    }
    return this.#digest(this.#add(at, from, end))
  }

  /** Puts `[from, to)` of the body at `at`; returns where it ends. */
  #add(at: number, from: number, to: number): number {
    return at + this.#body.copy(scratch, at, from, to)
  }

  #digest(length: number): string {
    // A Buffer's own view takes longer to be made.
    return hash('sha256', new Uint8Array(scratch.buffer, 0, length), 'binary').slice(0, 16)
  }
}
