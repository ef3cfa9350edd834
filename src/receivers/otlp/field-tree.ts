/**
 * Fields of LogRecords in the order in which records have them: exporters send the same ones again and again. So a field is
 * compared with what came there before, and where a record ends its layout is known.
 *
 * A record's way through the tree: from a node to a field of it, and from there to the next node, by what came of the field's
 * value. What cannot be laid out is remembered, too: fields that come twice, keys that JSON would escape.
 */
import type { RecordLayout } from '../../event/record-layout.ts'
import type { AroundLayout } from './around-layout.ts'
import { type Became, type Field, fieldsOf, type Node, nodeBehind } from './fields.ts'
import { layoutOf } from './layout-of.ts'
import { members, tags } from './record-tags.ts'

/** Fields and nodes; of more, all are forgotten, and learnt anew. */
const most = 16_384
/** What a new one costs, in records; and the credit to begin with. Of keys in random order it buys nothing that comes again. */
const price = 4
const firstCredit = 4 * most
/** Of one node. */
const mostLayouts = 64
/** Of a key: its length takes one byte. */
const longest = 127

export class FieldTree {
  #first: Node = nodeBehind(undefined)
  #count = 0
  #credit = firstCredit
  #layouts = 0

  /** Where each record begins: to be called once for each. */
  begin(): Node {
    if (this.#credit < firstCredit) this.#credit++
    return this.#first
  }

  /** The field of an attribute whose key begins, with tag and length, at `at`; undefined where it cannot be read. */
  attribute(node: Node, body: Uint8Array, view: DataView, at: number, stop: number): Field | undefined {
    const { fields } = node
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      if (field.tag !== tags.attribute || !beginsWith(field, body, view, at, stop)) continue
      if (i > 0) toFront(fields, i)
      return field
    }
    const length = body[at + 1]!
    const end = at + 2 + length + 1
    if (body[at] !== 0x0a || length > longest || end > stop || body[end - 1] !== 0x12) return undefined
    const key = Buffer.from(body.subarray(at + 2, end - 1)).toString('latin1')
    // Not `slice`, which of a Buffer is a view: the body's memory is used again.
    return this.#add(node, tags.attribute, key, new Uint8Array(body.subarray(at, end)))
  }

  /** Any other field that LogRecord has. */
  member(node: Node, tag: number): Field | undefined {
    const { fields } = node
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      if (field.tag !== tag) continue
      if (i > 0) toFront(fields, i)
      return field
    }
    const name = members.get(tag)
    return name === undefined ? undefined : this.#add(node, tag, name, new Uint8Array(0))
  }

  /** Where the record goes on behind a field; undefined where too much is new. */
  behind(field: Field, became: Became): Node | undefined {
    const known = field.after[became]
    if (known !== undefined) return known
    if (!this.#afford()) return undefined
    const node = nodeBehind({ field, became })
    field.after[became] = node
    return node
  }

  /** Of a record that ends here; undefined where too much is new. */
  layout(node: Node, around: AroundLayout): RecordLayout | undefined {
    const { layouts } = node
    for (let i = 0; i < layouts.length; i++) {
      const known = layouts[i]!
      if (known.around !== around) continue
      if (i > 0) toFront(layouts, i)
      return known.layout
    }
    if (!this.#afford()) return undefined
    const layout = layoutOf(node, around, this.#layouts++)
    if (layouts.length >= mostLayouts) layouts.length = 0
    layouts.unshift({ around, layout })
    return layout
  }

  #add(before: Node, tag: number, name: string, head: Uint8Array): Field | undefined {
    if (!this.#afford()) return undefined
    const isAttribute = tag === tags.attribute
    const isPlain =
      // Of an object names of digits come first, whatever their place was.
      (!isAttribute || (/^[ !#-[\]-~]*$/.test(name) && !/^\d+$/.test(name))) &&
      !fieldsOf(before).some(({ field }) => field.tag === tag && field.name === name)
    const view = new DataView(head.buffer)
    const field: Field = {
      tag,
      head,
      words: Int32Array.from({ length: head.length >>> 2 }, (_, i) => view.getInt32(4 * i, true)),
      name,
      isPlain,
      id: isAttribute && (name === 'audit.record.id' || name === 'log.record.uid') ? name : undefined,
      before,
      after: [],
    }
    before.fields.unshift(field)
    return field
  }

  #afford(): boolean {
    if (this.#credit < price) return false
    this.#credit -= price
    if (++this.#count > most) {
      // Who is under way there goes on.
      this.#first = nodeBehind(undefined)
      this.#count = 0
    }
    return true
  }
}

function toFront<T>(list: T[], from: number): void {
  const one = list[from]!
  list[from] = list[0]!
  list[0] = one
}

function beginsWith(
  { head, words }: Field,
  body: Uint8Array,
  view: DataView,
  at: number,
  stop: number,
): boolean {
  const { length } = head
  if (at + length > stop) return false
  let word = 0
  for (; word < words.length; word++) if (view.getInt32(at + 4 * word, true) !== words[word]) return false
  for (let i = 4 * word; i < length; i++) if (body[at + i] !== head[i]) return false
  return true
}
