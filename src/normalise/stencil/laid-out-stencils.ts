/**
 * The short way for records whose layout is known: their values need not be looked for. A layout's stencils are those of its
 * records as lines of JSON: which shape those have, is seen on one of them.
 */
import {
  type LaidOut,
  lineLength,
  type RecordLayout,
  type RecordValues,
  writeLine,
} from '../../event/record-layout.ts'
import type { Output } from './fill.ts'
import type { KnownShape } from './find.ts'
import type { LineFacts } from './line-facts.ts'
import type { Stencil } from './stencil.ts'
import { maxLength, type Stencils } from './stencils.ts'

/** More layouts are forgotten, and looked at once more. */
const most = 4096

export class LaidOutStencils {
  readonly #stencils: Stencils
  readonly #shapes = new Map<RecordLayout['number'], KnownShape>()
  #generation = 0
  /** The layout that was asked about last: mostly it is the next one's, too. */
  #last: { readonly layout: RecordLayout['number']; readonly shape: KnownShape } | undefined
  readonly #slots = new Int32Array(512)
  /** The record under way as a line, once it is written as one, and the facts of that. */
  readonly #line = Buffer.from(new ArrayBuffer(maxLength))
  readonly #lineView = new DataView(this.#line.buffer)
  #lineFacts: LineFacts | undefined
  #isWritten = false

  constructor(stencils: Stencils) {
    this.#stencils = stencils
  }

  get served(): number {
    return this.#stencils.served
  }

  /** Before each chunk. */
  begin(
    { stream }: { readonly stream: Parameters<Stencils['begin']>[0] },
    facts: LineFacts | undefined,
  ): void {
    this.#stencils.begin(stream)
    this.#lineFacts = facts && { ...facts, bytes: this.#line, view: this.#lineView }
  }

  /** Writes the record's event, if there is a stencil for it; returns that. `facts.bytes` are those of the values. */
  write(record: LaidOut, values: RecordValues, facts: LineFacts, output: Output): Stencil | undefined {
    this.#isWritten = false
    const known = this.#shapeOf(record.layout.number)
    if (known === undefined) return this.#writeLine(record, values, facts, output)
    const { first, layout } = record
    const { order } = layout
    const { places } = values
    const slots = this.#slots
    for (let i = 0; i < order.length; i++) {
      const place = 2 * (first + order[i]!)
      slots[2 * i] = places[place]!
      slots[2 * i + 1] = places[place + 1]!
    }
    return this.#stencils.writeShape(known, slots, facts, output)
  }

  /** Told of a record that took the general way, right after `write` returned undefined for it. */
  learn(record: LaidOut, values: RecordValues): void {
    if (!this.#isWritten) {
      if (!this.#asLine(record, values)) return
      this.#stencils.match(this.#lineFacts!)
    }
    this.#stencils.learn(this.#lineFacts!)
  }

  /** The same for one whose layout has no known shape. */
  #writeLine(record: LaidOut, values: RecordValues, facts: LineFacts, output: Output): Stencil | undefined {
    const slots = this.#asLine(record, values)
    const line = this.#lineFacts!
    line.index = facts.index
    line.ids = facts.ids
    line.idAt = facts.idAt
    const shape = slots && this.#stencils.match(line)
    if (slots === undefined || shape === undefined) return undefined
    const { number } = record.layout
    if (this.#shapes.size >= most) this.#shapes.clear()
    if (areIn(this.#stencils.slots, slots, shape)) this.#shapes.set(number, shape)
    return this.#stencils.writeShape(shape, this.#stencils.slots, line, output)
  }

  /** Writes it as a line: where its values are there. Undefined where it is too long. */
  #asLine(record: LaidOut, values: RecordValues): number[] | undefined {
    const length = lineLength(record, values)
    if (length > maxLength) return undefined
    const slots: number[] = []
    writeLine(record, values, this.#line, slots)
    const facts = this.#lineFacts!
    facts.start = 0
    facts.length = length
    this.#isWritten = true
    return slots
  }

  #shapeOf(layout: number): KnownShape | undefined {
    if (this.#generation !== this.#stencils.generation) {
      this.#generation = this.#stencils.generation
      this.#shapes.clear()
      this.#last = undefined
    }
    if (this.#last?.layout === layout) return this.#last.shape
    const shape = this.#shapes.get(layout)
    if (shape !== undefined) this.#last = { layout, shape }
    return shape
  }
}

/** Whether the shape's slots are where the layout's values are. A name with an escape has no shape, a number without a layout has one. */
function areIn(slots: Int32Array, places: readonly number[], { shape }: KnownShape): boolean {
  return places.length === 2 * shape.slots.length && places.every((place, i) => slots[i] === place)
}
