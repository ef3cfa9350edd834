/**
 * LogRecords as values and their layout, straight from protobuf: what `JSON.stringify` would write of what `readLogRecord` and
 * `finishRecord` make of them, at a fraction of the price, since no value becomes an object or a string.
 *
 * Invariant: what is anything but plain is left to them, from its first byte on: whatever is malformed or has a warning,
 * fields that come twice, keys that JSON would escape, long records. So there is nothing here that is said of a record, and
 * no record that is refused.
 */
import { isProducerUuid, isUuid } from '../../event/id.ts'
import type { LineRecord } from '../../event/record.ts'
import type { RecordLayout, RecordValues } from '../../event/record-layout.ts'
import { type Around, longestAround } from './around-layout.ts'
import { FieldTree } from './field-tree.ts'
import { FieldValues, refused } from './field-values.ts'
import type { Field, IdName, Node } from './fields.ts'
import { tags } from './record-tags.ts'
import { ValueWriter } from './value-writer.ts'

/** Longer records have no short way in the normaliser either; bytes of protobuf. */
const longestRecord = 8 * 1024
/** A byte becomes six characters at most; a number that takes a few bytes may become longer. */
const growth = 6
const numberRoom = 512

/** Of all bodies of this process. */
const tree = new FieldTree()

export class PlainRecords {
  readonly #body: Buffer
  /** The same bytes. */
  readonly #view: DataView
  readonly #writer: ValueWriter
  readonly #reader: FieldValues
  #first = 0
  #observed = 0
  #id: LineRecord['id']
  #uuidAt: number | undefined

  /** @param memory what values are written into; it begins at a multiple of 4 */
  constructor(body: Buffer, memory: Uint8Array<ArrayBuffer>) {
    this.#body = body
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    this.#writer = new ValueWriter(body, memory)
    this.#reader = new FieldValues(body, this.#view, this.#writer)
  }

  /** Of all records that were taken. */
  get values(): RecordValues {
    return this.#writer.values
  }

  /** Whether there is room for the record at `[from, to)` of the body. */
  hasRoom(from: number, to: number, { places }: Around): boolean {
    const length = to - from
    return this.#writer.hasRoom(growth * length + longestAround + numberRoom, length + places.length)
  }

  /** Of the record that was taken last: which of the values is its first. */
  get first(): number {
    return this.#first
  }

  /** Its id. */
  get id(): LineRecord['id'] {
    return this.#uuidAt === undefined ? this.#id : undefined
  }

  get uuidAt(): number | undefined {
    return this.#uuidAt
  }

  /** Where the field with its time of observation begins; 0 where it has none. */
  get observed(): number {
    return this.#observed
  }

  /** Writes 16 bytes that are no value of it, one character each; returns where they lie. */
  aside(text: string): number {
    return this.#writer.aside(text)
  }

  /** Begins anew. */
  clear(): void {
    this.#writer.cut(0, 0)
  }

  /** Takes the LogRecord at `[from, to)` of the body: its layout. Undefined, and nothing is written, for one that is not plain. */
  take(from: number, to: number, around: Around): RecordLayout | undefined {
    if (to - from > longestRecord || !this.hasRoom(from, to, around)) return undefined
    const writer = this.#writer
    const { count, length } = writer
    this.#first = count
    this.#observed = 0
    this.#id = undefined
    this.#uuidAt = undefined
    const end = this.#fields(from, to, around.producer)
    const layout = end && tree.layout(end, around.layout)
    if (layout === undefined) writer.cut(count, length)
    else writer.block(around.bytes, around.places)
    return layout
  }

  /** Where the record ends in the tree of fields. */
  #fields(from: number, to: number, producer: string): Node | undefined {
    const body = this.#body
    const reader = this.#reader
    let node: Node | undefined = tree.begin()
    reader.at = from
    while (reader.at < to && node !== undefined) {
      const tag = body[reader.at++]!
      if (tag === tags.attribute) {
        const stop = reader.lengthEnd(to)
        const field: Field | undefined =
          stop < 0 ? undefined : tree.attribute(node, body, this.#view, reader.at, stop)
        if (field === undefined || !field.isPlain) return undefined
        reader.at += field.head.length
        if (reader.lengthEnd(stop) !== stop) return undefined
        if (field.id !== undefined) this.#noteId(field.id, stop, producer)
        const became = reader.anyValue(stop)
        node = became === refused ? undefined : tree.behind(field, became)
      } else {
        const field = tree.member(node, tag)
        if (field === undefined || !field.isPlain) return undefined
        if (tag === tags.observed) this.#observed = reader.at - 1
        const became = reader.member(tag, to)
        node = became === refused ? undefined : tree.behind(field, became)
      }
    }
    return reader.at === to ? node : undefined
  }

  #noteId(name: IdName, to: number, producer: string): void {
    const body = this.#body
    const reader = this.#reader
    const from = reader.at
    // A string, whose length takes a byte or two; what is longer is an id, too, and is left to others.
    if (body[from] !== 0x0a) return
    reader.at = from + 1
    const isText = reader.lengthEnd(to) === to
    const start = reader.at
    reader.at = from
    if (!isText) return
    if (name === 'audit.record.id' && to - start === 36 && isProducerUuid(body, start)) {
      // It is the value that is written next.
      this.#uuidAt = this.#writer.length
      return
    }
    const text = body.toString('utf8', start, to)
    if (name === 'audit.record.id') {
      if (isUuid(text)) this.#id = { uuid: text.toLowerCase() }
    } else if (text !== '' && (this.#id === undefined || 'uid' in this.#id))
      this.#id = { uid: text, producer }
  }
}
