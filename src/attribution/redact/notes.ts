/** What was taken out of one event: for its `redactions`, and for the record's text, where that is kept. */
import { formatPath, type Segment } from '../../event/path.ts'
import type { Redaction } from './rule.ts'

/** Entries of `redactions`. A record can have any number of fields; what is beyond is counted by rule. */
const maxEntries = 64

/** Values that a record's text is searched for. */
export const maxValues = 256

export class Notes {
  /** Whole values that were taken out by a member's name: the record's text has them at a place that nobody knows. */
  readonly values = new Set<string>()
  /** Those that were taken out by a field's name: where the record is JSON, its text has them under the same name. */
  readonly fields = new Set<string>()
  /** Parts of texts: what the same rules take out of the record's text must be among them. Bounded by the record. */
  readonly parts = new Set<string>()
  /** Those of them that patterns match: in any spelling, the record's text must have none of them left. */
  readonly matched = new Set<string>()
  /** A value was taken out that cannot be found in a text (`true` is everywhere), or more than anybody would search for. */
  untraceable = false
  /** The same of fields. */
  untraceableFields = false
  #entries: Redaction[] | undefined
  #more: Map<string, { redaction: Redaction; count: number }> | undefined

  clear(): void {
    this.clearList()
    this.values.clear()
    this.fields.clear()
    this.parts.clear()
    this.matched.clear()
    this.untraceable = false
    this.untraceableFields = false
  }

  /** What follows is of another event, of the same record's text. */
  clearList(): void {
    this.#entries = undefined
    this.#more = undefined
  }

  /** Nothing was taken out of any event of the record. */
  get isEmpty(): boolean {
    const isTraced = !this.untraceable && !this.untraceableFields
    return isTraced && this.values.size === 0 && this.fields.size === 0 && this.parts.size === 0
  }

  add(method: Redaction['method'], rule: string, trail: readonly Segment[]): void {
    this.#entries ??= []
    if (this.#entries.length < maxEntries) {
      this.#entries.push({ method, path: formatPath(trail), rule })
      return
    }
    this.#more ??= new Map()
    const key = `${method} ${rule}`
    const known = this.#more.get(key)
    if (known === undefined) this.#more.set(key, { redaction: { method, path: '**', rule }, count: 1 })
    else known.count++
  }

  /** Remembers what must not be found in the record's text either. */
  take(value: unknown, into: Set<string>): void {
    if (value === '' || value === null || value === undefined) return
    if (into.size >= maxValues && this.#isSearchedFor(into)) this.#giveUp(into)
    else if (typeof value === 'string' || typeof value === 'number') into.add(String(value))
    else if (typeof value === 'object') for (const each of Object.values(value)) this.take(each, into)
    else this.#giveUp(into)
  }

  #isSearchedFor(values: Set<string>): boolean {
    return values === this.values || values === this.fields
  }

  #giveUp(on: Set<string>): void {
    if (on === this.values) this.untraceable = true
    else if (on === this.fields) this.untraceableFields = true
  }

  /** For the event, in the order in which they were made. */
  list(): Redaction[] | undefined {
    if (this.#entries === undefined || this.#more === undefined) return this.#entries
    const more = Array.from(this.#more.values(), ({ redaction, count }) =>
      count === 1 ? redaction : { count, ...redaction },
    )
    return [...this.#entries, ...more]
  }
}
