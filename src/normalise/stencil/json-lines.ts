/** Tells lines of JSON apart by their shapes, and finds the values in them. */
import { type NestedKind, readNestedShape, type Shape, type SlotPath } from './shape.ts'
import { ShapeTree } from './shape-tree.ts'

/** A log with more shapes has no regularity: the later ones are left to their decoder. */
const most = 512
/** What it costs to look at a line for its shape, in lines that are asked about; and the credit to begin with. */
const price = 16
const firstCredit = 65_536
/** A longer line is left to its decoder; bytes. */
export const maxLength = 8 * 1024

/** One of the shapes that lines have. */
export interface LineShape {
  readonly number: number
  readonly shape: Shape<NestedKind>
}

export class JsonLines {
  readonly #tree = new ShapeTree<LineShape>()
  readonly #isNested: (path: SlotPath) => boolean
  #count = 0
  #credit = firstCredit
  /** Of the bytes that were last looked at. */
  #view: DataView = new DataView(new ArrayBuffer(0))

  /** @param isNested whether the text at a path is JSON itself, whose values are found */
  constructor(isNested: (path: SlotPath) => boolean = () => false) {
    this.#isNested = isNested
  }

  /** `[from, to)` of each value of the last line that had a shape. */
  get slots(): Int32Array {
    return this.#tree.slots
  }

  /** Of that line: slots in a text within it that have escapes, by slot index times two, and how many there are. */
  get escaped(): Int32Array {
    return this.#tree.escaped
  }

  get escapedCount(): number {
    return this.#tree.escapedCount
  }

  /** The line's shape; undefined where it has none, or too many had others. */
  shapeOf(bytes: Uint8Array, start: number, end: number): LineShape | undefined {
    if (end - start > maxLength) return undefined
    if (this.#credit < firstCredit) this.#credit++
    if (this.#view.buffer !== bytes.buffer || this.#view.byteOffset !== bytes.byteOffset)
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#tree.match(bytes, this.#view, start, end) ?? this.#learn(bytes, start, end)
  }

  #learn(bytes: Uint8Array, start: number, end: number): LineShape | undefined {
    if (this.#count >= most || this.#credit < price) return undefined
    this.#credit -= price
    const shape = readNestedShape(bytes, start, end, this.#isNested)
    if (shape === undefined) return undefined
    this.#tree.add(shape, { number: this.#count++, shape })
    return this.#tree.match(bytes, this.#view, start, end)
  }
}
