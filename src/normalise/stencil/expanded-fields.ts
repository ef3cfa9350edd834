/**
 * Finds the values of lines of JSON with texts in them that are expanded: of those that are JSON themselves where they stand
 * (shape.ts), of others by what their decoder makes of them.
 */

import type { Decode } from '../decode/decoder.ts'
import { createDecoder } from '../decode/decoders.ts'
import { type FieldFinder, type FieldPath, noLayout } from '../decode/field-finder.ts'
import { Layouts } from '../decode/layouts.ts'
import { NameLists } from '../decode/name-lists.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { JsonLines, type LineShape, maxLength } from './json-lines.ts'
import { isContent, writeUnnested } from './plain-value.ts'
import type { SlotPath } from './shape.ts'

/** Values of a text that is expanded. */
const mostMembers = 64

interface Expanded {
  readonly path: SlotPath
  readonly decode: Decode
  /** Lists of names that texts were expanded to. */
  readonly names: NameLists
}

interface KnownLine {
  /** Which slots stand there as they are. */
  readonly kept: Int32Array
  /** The one that is expanded. */
  readonly slot: number
  readonly expanded: Expanded | undefined
  readonly paths: readonly SlotPath[]
}

const keyOf = (path: FieldPath) => JSON.stringify(path.map(String))

export class ExpandedFields implements FieldFinder {
  readonly places = new Int32Array(512)
  readonly copy = new Uint8Array(2 * maxLength)
  copied = 0
  readonly #layouts = new Layouts()
  readonly #lines: JsonLines
  readonly #expanded: ReadonlyMap<string, Expanded>
  readonly #records: string | undefined
  /** By the number of their shape; null for lines that are left to the decoder. */
  readonly #known: (KnownLine | null | undefined)[] = []

  private constructor(
    nested: ReadonlySet<string>,
    expanded: ReadonlyMap<string, Expanded>,
    records: Mapping['records'],
  ) {
    this.#lines = new JsonLines((path) => nested.has(keyOf(path)))
    this.#expanded = expanded
    this.#records = records && String(records.segments[0])
  }

  /** Undefined where it depends on a record which of its texts are expanded. */
  static for({ expand, records }: Mapping): ExpandedFields | undefined {
    const nested = new Set<string>()
    const expanded = new Map<string, Expanded>()
    for (const { path, as } of expand) {
      if (path.segments.some((step) => typeof step === 'object')) return undefined
      const steps = path.segments as SlotPath
      if (as.name === 'json') nested.add(keyOf(steps))
      else
        expanded.set(keyOf(steps), { path: steps, decode: createDecoder(as).decode, names: new NameLists() })
    }
    return new ExpandedFields(nested, expanded, records)
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const line = this.#lines.shapeOf(bytes, start, end)
    if (line === undefined) return noLayout
    let known = this.#known[line.number]
    if (known === undefined) {
      known = this.#lookAt(line)
      this.#known[line.number] = known
    }
    if (known === null) return noLayout
    const { slots, escapedCount } = this.#lines
    this.copied = escapedCount === 0 ? 0 : this.#copy(line, bytes, start, end)
    const { kept, slot, expanded } = known
    const { places } = this
    for (let i = 0; i < kept.length; i++) {
      const at = 2 * kept[i]!
      places[2 * i] = slots[at]!
      places[2 * i + 1] = slots[at + 1]!
    }
    if (expanded === undefined) return this.#layouts.of(line.number, 0)
    const names = this.#expand(expanded, kept.length, bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
    return names < 0 ? noLayout : this.#layouts.of(line.number, names)
  }

  pathsOf(layout: number): readonly FieldPath[] {
    const { first, second } = this.#layouts.at(layout)
    const { paths, expanded } = this.#known[first]!
    const names = expanded?.names.at(second) ?? []
    return [...paths, ...names.map((name) => [...expanded!.path, name])]
  }

  /** Copies the line, and behind it what has escapes in a text within it, without those of the text. */
  #copy({ shape }: LineShape, bytes: Uint8Array, start: number, end: number): number {
    const { slots, escaped, escapedCount } = this.#lines
    const { copy } = this
    copy.set(bytes.subarray(start, end))
    for (let at = 0; at < 2 * shape.slots.length; at++) slots[at] = slots[at]! - start
    let length = end - start
    for (let i = 0; i < escapedCount; i++) {
      const at = escaped[i]!
      const from = length
      length = writeUnnested(bytes, start + slots[at]!, start + slots[at + 1]!, copy, from)
      slots[at] = from
      slots[at + 1] = length
    }
    return length
  }

  /** Where the values stand that a text is expanded to; returns which names they have, or -1. */
  #expand({ decode, names }: Expanded, count: number, bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) if (isContent[bytes[at]!] === 0 || bytes[at]! >= 0x80) return -1
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
    const decoded = decode(text)
    if (!decoded.ok || decoded.warnings.length > 0 || decoded.partial || Array.isArray(decoded.value))
      return -1
    const members = decoded.value as Readonly<Record<string, unknown>>
    const { places } = this
    let at = 2 * count
    let i = 0
    const keys = Object.keys(members)
    if (keys.length > mostMembers || at + 2 * keys.length > places.length) return -1
    for (; i < keys.length; i++) {
      const value = members[keys[i]!]
      const found = typeof value === 'string' && value !== '' ? text.indexOf(value) : -1
      if (found < 0) return -1
      places[at++] = from + found
      places[at++] = from + found + (value as string).length
    }
    return names.of(keys)
  }

  #lookAt({ shape }: LineShape): KnownLine | null {
    if (this.#records !== undefined && shape.members.has(this.#records)) return null
    const paths = shape.slots.map(({ path }) => path)
    const texts = shape.slots.flatMap(({ kind, path }, slot) => {
      const expanded = kind === 'number' ? undefined : this.#expanded.get(keyOf(path))
      return expanded === undefined ? [] : [{ slot, expanded }]
    })
    // Several are rare, and one within another depends on their order.
    if (texts.length > 1 || (texts.length > 0 && shape.slots.some(({ kind }) => kind === 'nested')))
      return null
    const [text] = texts
    const kept = paths.flatMap((_, slot) => (slot === text?.slot ? [] : [slot]))
    return {
      kept: Int32Array.from(kept),
      slot: text?.slot ?? -1,
      expanded: text?.expanded,
      paths: kept.map((slot) => paths[slot]!),
    }
  }
}
