/**
 * The short way for records that no line is as it stands: decoded from another format than JSON, expanded, or one of
 * several in a line. Such a record is written as JSON, which costs a fraction of mapping it, and that text is treated
 * as a line of its own (stencils.ts).
 */
import type { LineChunk } from '../../event/record.ts'
import type { FieldFinder } from '../decode/field-finder.ts'
import { FieldStencils } from './field-stencils.ts'
import type { Output } from './fill.ts'
import { type LineFacts, lineFacts } from './line-facts.ts'
import type { Stencil } from './stencil.ts'
import { maxLength, type Stencils } from './stencils.ts'

/** Where a record stands. */
export interface RecordPlace {
  /** In the stream, as provenance has it. */
  readonly offset: number
  readonly extent: number
  /** Of the line, among those of its chunk. */
  readonly line: number
  /** Of the event, unless it is made of its producer's, where it is not the line's: 36 characters. */
  readonly id: string | undefined
  /** Of one of several. */
  readonly index: number | undefined
}

/** Records after which it is seen whether writing them was worth while, and how many are then left alone if not. */
const span = 4096
const rest = 16 * span
/** At least one of so many must have been served. */
const share = 4

/** Room for one. */
const noId = ' '.repeat(36)

export class RecordStencils {
  readonly #stencils: Stencils
  /** The record under way, as JSON. A character takes at most three bytes. */
  readonly #bytes = Buffer.from(new ArrayBuffer(4 * maxLength))
  #facts: LineFacts | undefined
  /** Where an id has room that is not of a line: behind those of all lines. */
  #ownId = 0
  #isWritten = false
  #tried = 0
  #servedBefore = 0
  #resting = 0

  /** Lines whose values are found without decoding them. */
  readonly #fields: FieldStencils | undefined
  /** The line that was left to be decoded. */
  #line: LineFacts | undefined

  constructor(stencils: Stencils, finder?: FieldFinder) {
    this.#stencils = stencils
    this.#fields = finder && new FieldStencils(finder, stencils)
  }

  get served(): number {
    return this.#stencils.served
  }

  /** Before each chunk. */
  begin(chunk: LineChunk, ids: string, observedTime: string): void {
    this.#line = undefined
    this.#fields?.begin(chunk, ids, observedTime)
    this.#stencils.begin(chunk.stream)
    const bytes = new Uint8Array(this.#bytes.buffer)
    this.#facts = lineFacts({ ...chunk, bytes }, ids + noId, observedTime)
    this.#ownId = ids.length
  }

  /** Writes the event of a line that is not decoded, if it can; returns the stencil. `facts.bytes` must be UTF-8. */
  writeLine(facts: LineFacts, output: Output): Stencil | undefined {
    const stencil = this.#fields?.write(facts, output)
    this.#line = stencil === undefined ? facts : undefined
    return stencil
  }

  /** Writes the record's event, if there is a stencil for it; returns that. */
  write(record: object, place: RecordPlace, output: Output): Stencil | undefined {
    this.#isWritten = false
    if (this.#isResting()) return undefined
    const json = JSON.stringify(record)
    if (json.length > maxLength) return undefined
    const facts = this.#facts!
    facts.start = 0
    facts.length = this.#bytes.write(json)
    facts.extent = place.extent
    facts.offset = place.offset
    facts.index = place.index
    facts.idAt = noId.length * place.line
    if (place.id !== undefined) this.#useId(facts, place.id)
    this.#isWritten = true
    const stencil = this.#stencils.write(facts, output)
    const line = this.#line
    if (line !== undefined && place.index === undefined) this.#link(line)
    return stencil
  }

  /** Told of a record that took the general way, right after `write` returned undefined for it. */
  learn(): void {
    if (this.#isWritten) this.#stencils.learn(this.#facts!)
  }

  #link(line: LineFacts): void {
    this.#line = undefined
    const { matched } = this.#stencils
    if (matched !== undefined) this.#fields?.link(line, this.#bytes, matched.shape, matched.slots)
  }

  #useId(facts: LineFacts, id: string): void {
    for (let i = 0; i < id.length; i++) facts.ids.setUint8(this.#ownId + i, id.charCodeAt(i))
    facts.idAt = this.#ownId
  }

  #isResting(): boolean {
    if (this.#resting > 0) {
      this.#resting--
      return true
    }
    if (++this.#tried < span) return false
    if ((this.#stencils.served - this.#servedBefore) * share < this.#tried) this.#resting = rest
    this.#tried = 0
    this.#servedBefore = this.#stencils.served
    return false
  }
}
