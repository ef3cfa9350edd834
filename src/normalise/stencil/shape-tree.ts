/**
 * Finds a line's shape in one pass. Shapes share beginnings, so they are kept as a tree: each node is a literal and the
 * slot behind it, and what may follow are its children. Where a line fits no child, it has no known shape.
 */
import { isContent, nestedStringEnd, plainNumberEnd, stringEnd } from './plain-value.ts'
import type { NestedKind, Shape } from './shape.ts'

const slotKinds = { end: 0, string: 1, number: 2, nested: 3 } as const

const quote = 0x22
interface Node<T> {
  readonly literal: Uint8Array
  /** Its first `4 * words.length` bytes, four at a time. */
  readonly words: Uint32Array
  readonly slot: 0 | 1 | 2 | 3
  /** Most recently useful first. */
  readonly children: Node<T>[]
  /** What is known of the shape, at its end. */
  readonly known: T | undefined
}

function wordsOf(literal: Uint8Array): Uint32Array {
  const view = new DataView(literal.buffer, literal.byteOffset, literal.byteLength)
  return Uint32Array.from({ length: literal.length >>> 2 }, (_, i) => view.getUint32(4 * i))
}

export class ShapeTree<T> {
  /** `[start, end)` of each slot of the last line that matched, by slot index times two. */
  readonly slots = new Int32Array(512)
  /** Of the last line: slots in a text within it that have escapes, by slot index times two. */
  readonly escaped = new Int32Array(512)
  escapedCount = 0
  readonly #root: Node<T>[] = []

  add({ slots, tail }: Shape<NestedKind>, known: T): void {
    let children = this.#root
    for (const { literal, kind } of slots) {
      const slot = slotKinds[kind]
      let node = children.find((child) => child.slot === slot && Buffer.compare(child.literal, literal) === 0)
      if (node === undefined) {
        node = { literal, words: wordsOf(literal), slot, children: [], known: undefined }
        children.push(node)
      }
      children = node.children
    }
    children.push({ literal: tail, words: wordsOf(tail), slot: slotKinds.end, children: [], known })
  }

  /** What is known of the line's shape; its values are then in `slots`. `view` is of `bytes`. */
  match(bytes: Uint8Array, view: DataView, start: number, end: number): T | undefined {
    const { slots } = this
    let children = this.#root
    let at = start
    let count = 0
    this.escapedCount = 0
    search: for (;;) {
      for (let c = 0; c < children.length; c++) {
        const node = children[c]!
        const { literal, words } = node
        const { length } = literal
        if (at + length > end) continue
        let word = 0
        while (word < words.length && view.getUint32(at + 4 * word) === words[word]) word++
        if (word < words.length) continue
        let same = 4 * word
        while (same < length && bytes[at + same] === literal[same]) same++
        if (same < length) continue
        const from = at + length
        if (node.slot === slotKinds.end) {
          if (from === end) return node.known
          continue
        }
        let to = from
        if (node.slot === slotKinds.nested) {
          while (to < end && isContent[bytes[to]!] === 1) to++
          // Mostly the backslash of the closing quote.
          if (bytes[to + 1] !== quote) {
            to = nestedStringEnd(bytes, to, end)
            if (to > from) this.escaped[this.escapedCount++] = count
          }
        } else if (node.slot === slotKinds.string) {
          // Nearly all content: what is left to do at another byte is seldom more than to see the quote.
          while (to < end && isContent[bytes[to]!] === 1) to++
          if (bytes[to] !== quote) to = stringEnd(bytes, to, end)
        } else {
          to = plainNumberEnd(bytes, from, end)
        }
        // Nothing there is no value of this kind: another shape has a literal in its place.
        if (to <= from) continue
        slots[count] = from
        slots[count + 1] = to
        count += 2
        at = to
        if (c > 0) {
          children[c] = children[0]!
          children[0] = node
        }
        children = node.children
        continue search
      }
      return undefined
    }
  }
}
