/**
 * The short way for lines whose values are found in their bytes, without decoding them (decode/field-finder.ts). A
 * layout's stencils are those of its records as JSON (record-stencils.ts): which of their slots has which value is seen on a
 * line that took both ways.
 */

import type { LineChunk } from '../../event/record.ts'
import { type FieldFinder, noLayout } from '../decode/field-finder.ts'
import type { Output } from './fill.ts'
import type { KnownShape } from './find.ts'
import { type LineFacts, lineFacts } from './line-facts.ts'
import type { Stencil } from './stencil.ts'
import type { Stencils } from './stencils.ts'

interface Linked {
  readonly shape: KnownShape
  /** Of each slot, which of the layout's values it has. */
  readonly order: Int32Array
}

export class FieldStencils {
  readonly #finder: FieldFinder
  readonly #stencils: Stencils
  readonly #slots = new Int32Array(512)
  /** By layout; null where records have other values than those that were found. */
  #linked: (Linked | null | undefined)[] = []
  #generation = 0
  /** Of lines whose values are in the finder's copy. */
  #copied: LineFacts | undefined
  /** Of the line under way. */
  #layout = noLayout

  constructor(finder: FieldFinder, stencils: Stencils) {
    this.#finder = finder
    this.#stencils = stencils
  }

  /** Before each chunk. */
  begin(chunk: LineChunk, ids: string, observedTime: string): void {
    const { copy } = this.#finder
    if (copy !== undefined) this.#copied = lineFacts({ ...chunk, bytes: copy }, ids, observedTime)
  }

  /** Writes the line's event, if its layout has a stencil for it; returns that. `facts.bytes` must be UTF-8. */
  write(facts: LineFacts, output: Output): Stencil | undefined {
    const layout = this.#finder.find(facts.bytes, facts.start, facts.start + facts.length)
    this.#layout = layout
    if (layout === noLayout) return undefined
    if (this.#generation !== this.#stencils.generation) this.#forget()
    const linked = this.#linked[layout]
    if (linked === undefined || linked === null) return undefined
    const { order, shape } = linked
    const { places } = this.#finder
    const slots = this.#slots
    for (let i = 0; i < order.length; i++) {
      const from = 2 * order[i]!
      slots[2 * i] = places[from]!
      slots[2 * i + 1] = places[from + 1]!
    }
    return this.#stencils.writeShape(shape, slots, this.#factsOf(facts), output)
  }

  /** Told of the same line's record as JSON, and of its shape, right after `write` returned undefined. */
  link(line: LineFacts, json: Uint8Array, shape: KnownShape, slots: Int32Array): void {
    const layout = this.#layout
    if (layout === noLayout || this.#linked[layout] !== undefined) return
    if (this.#generation !== this.#stencils.generation) this.#forget()
    const order = this.#orderOf(layout, line.bytes, json, shape, slots)
    this.#linked[layout] = order === undefined ? null : { shape, order }
  }

  #factsOf(line: LineFacts): LineFacts {
    const { copied = 0 } = this.#finder
    const facts = this.#copied
    if (copied === 0 || facts === undefined) return line
    facts.length = copied
    facts.extent = line.extent
    facts.offset = line.offset
    facts.idAt = line.idAt
    return facts
  }

  #orderOf(
    layout: number,
    line: Uint8Array,
    json: Uint8Array,
    { shape }: KnownShape,
    slots: Int32Array,
  ): Int32Array | undefined {
    const { places, copied = 0, copy } = this.#finder
    const values = copied > 0 ? copy! : line
    const indexes = new Map(this.#finder.pathsOf(layout).map((path, i) => [JSON.stringify(path), i]))
    if (indexes.size !== shape.slots.length) return undefined
    const order: number[] = []
    for (const [slot, { path }] of shape.slots.entries()) {
      const i = indexes.get(JSON.stringify(path))
      if (i === undefined) return undefined
      const found = values.subarray(places[2 * i], places[2 * i + 1])
      if (Buffer.compare(found, json.subarray(slots[2 * slot], slots[2 * slot + 1])) !== 0) return undefined
      order.push(i)
    }
    return Int32Array.from(order)
  }

  #forget(): void {
    this.#linked = []
    this.#generation = this.#stencils.generation
  }
}
