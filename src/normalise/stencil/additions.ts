/**
 * What enrichers add to the events of stencils. A stencil knows which members its enrichers add, and where; the values
 * are holes. So what one of them answers has a structure, which a stencil is cut for, and values, which are filled in as
 * the bytes that an event has for them.
 */

import { guardedMembers } from '../../attribution/credential-guard.ts'
import type { Addition, Additions, Enricher, KeyedEnricher } from '../../attribution/enrich/contract.ts'
import { nothingToAdd } from '../../attribution/enrich/contract.ts'
import type { Refusals } from '../../attribution/redact/refusals.ts'
import { canonicalize } from '../../event/canonical.ts'
import type { StreamContext } from '../../event/record.ts'
import { type Piece, pieceOf } from './piece.ts'
import { hashBytes, hashStart } from './slot-hash.ts'

/** Enrichers whose answers differ from event to event, in their order. */
type Asked = Exclude<Enricher, { reads: 'nothing' | 'record' }>

/** Those that look at the whole event have no stencils. */
export const isAsked = (enricher: Enricher): enricher is Asked =>
  enricher.reads !== 'nothing' && enricher.reads !== 'record'

/** One answer, made ready to be filled in. */
export interface Prepared {
  /** Equal for answers that add values of other content to the same members. */
  readonly structure: number
  readonly values: readonly Piece[]
  /** Of all values. */
  readonly bytes: number
}

/** Where an enricher's key is: a slot, a text that all events of the stencil have, nowhere; or it is the stream. */
export type KeyPlace = number | { readonly text: string } | 'stream' | undefined

/** Members whose value decides about others: what is complete, what is as good as absent. `scope` is woven into others. */
const deciding = /^(?:action|actor\.type|category|outcome\.result|scope(?:\..*)?)$/

const backslash = 0x5c

/** Answers remembered for each enricher. A power of two. */
const remembered = 16_384
/** Bytes of a key that is. */
const longestKey = 64

/** Answers by the bytes of the key, each in the place that the key's hash gives it. */
class Memory {
  readonly #keys = new Uint8Array(remembered * longestKey)
  readonly #lengths = new Uint8Array(remembered)
  readonly #answers: (Prepared | undefined)[] = Array.from({ length: remembered }, () => undefined)
  /** Of the key that was last looked for. */
  #at = 0

  find(bytes: Uint8Array, from: number, to: number): Prepared | undefined {
    const hash = hashBytes(hashStart, bytes, from, to)
    const at = (hash ^ (hash >>> 15)) & (remembered - 1)
    this.#at = at
    const length = to - from
    if (this.#lengths[at] !== length) return undefined
    const keys = this.#keys
    for (let i = 0, key = at * longestKey; i < length; i++, key++) {
      if (keys[key] !== bytes[from + i]) return undefined
    }
    return this.#answers[at]
  }

  /** Right after `find` of the same key. */
  add(bytes: Uint8Array, from: number, to: number, answer: Prepared): void {
    if (to - from > longestKey) return
    for (let i = from, key = this.#at * longestKey; i < to; i++, key++) this.#keys[key] = bytes[i]!
    this.#lengths[this.#at] = to - from
    this.#answers[this.#at] = answer
  }

  forget(): void {
    this.#answers.fill(undefined)
    this.#lengths.fill(0)
  }
}

export class StencilAdditions {
  /** Answers for the line under way, by enricher. */
  readonly found: Prepared[] = []
  readonly #refusals: Refusals
  readonly #asked: readonly Asked[]
  readonly #memories: readonly Memory[]
  readonly #versions: number[]
  readonly #prepared = new WeakMap<Additions, Prepared>()
  readonly #structures = new Map<string, number>()
  #nextStructure = 1
  #stream: StreamContext | undefined

  constructor(enrichers: readonly Enricher[], refusals: Refusals) {
    this.#refusals = refusals
    this.#asked = enrichers.filter(isAsked)
    this.#memories = this.#asked.map(() => new Memory())
    this.#versions = this.#asked.map(({ version }) => version)
  }

  /** Before each chunk: what enrichers know changes between chunks only. */
  begin(stream: StreamContext): void {
    this.#stream = stream
    for (const [i, { version }] of this.#asked.entries()) {
      if (this.#versions[i] === version) continue
      this.#versions[i] = version
      this.#memories[i]!.forget()
    }
  }

  /** Asks them for a line; false where a key is not what its bytes say. Then `found` is to be left alone. */
  ask(places: readonly KeyPlace[], bytes: Buffer, slots: Int32Array): boolean {
    for (let i = 0; i < places.length; i++) {
      const place = places[i]
      const enricher = this.#asked[i]!
      let answer: Prepared | undefined
      if (place === undefined) answer = this.prepare(nothingToAdd)
      else if (enricher.reads === 'stream') answer = this.prepare(enricher.additionsFor(this.#stream!))
      else if (typeof place === 'object') answer = this.prepare(enricher.additionsFor(place.text))
      else if (place === 'stream') return false
      else answer = this.#forSlot(i, enricher, bytes, slots[2 * place]!, slots[2 * place + 1]!)
      if (answer === undefined) return false
      this.found[i] = answer
    }
    return true
  }

  #forSlot(
    i: number,
    enricher: KeyedEnricher,
    bytes: Buffer,
    from: number,
    to: number,
  ): Prepared | undefined {
    const memory = this.#memories[i]!
    const known = memory.find(bytes, from, to)
    if (known !== undefined) return known
    for (let at = from; at < to; at++) if (bytes[at] === backslash) return undefined
    const answer = this.prepare(enricher.additionsFor(bytes.toString('utf8', from, to)))
    memory.add(bytes, from, to, answer)
    return answer
  }

  /** What those say that look at the stream; undefined for the others. */
  ofStream(): (Additions | undefined)[] {
    return this.#asked.map((enricher) =>
      enricher.reads === 'stream' ? enricher.additionsFor(this.#stream!) : undefined,
    )
  }

  /** Whether an answer's values may be holes: nothing looks at them once they are added. */
  hasHoles(additions: Additions): boolean {
    return additions.every(
      ({ member, value }) =>
        !deciding.test(member) &&
        !guardedMembers.has(member) &&
        member !== 'message' &&
        !this.#isRedacted(value),
    )
  }

  /** Whether a rule may take something out of it. */
  #isRedacted(value: unknown): boolean {
    const { hasRules, fields } = this.#refusals
    if (typeof value === 'object') return hasRules
    return typeof value === 'string' && fields !== undefined && fields.hasField(value)
  }

  /** An answer with a value in each place that nothing else has; itself where it has no holes. */
  marked(additions: Additions, mark: string): Additions {
    if (!this.hasHoles(additions)) return additions
    return additions.map((addition, i): Addition => ({ ...addition, value: `${mark} ${i}~` }))
  }

  prepare(additions: Additions): Prepared {
    const known = this.#prepared.get(additions)
    if (known !== undefined) return known
    const values = this.hasHoles(additions) ? additions.map(({ value }) => pieceOf(bytesOf(value))) : []
    const prepared: Prepared = {
      structure: this.#structureOf(additions),
      values,
      bytes: values.reduce((sum, { length }) => sum + length, 0),
    }
    this.#prepared.set(additions, prepared)
    return prepared
  }

  #structureOf(additions: Additions): number {
    if (additions.length === 0) return 0
    // What has no holes is a structure of its own.
    if (!this.hasHoles(additions)) return this.#nextStructure++
    const key = additions.map(({ member }) => member).join('\n')
    let structure = this.#structures.get(key)
    if (structure === undefined) {
      structure = this.#nextStructure++
      this.#structures.set(key, structure)
    }
    return structure
  }
}

/** As the event writer writes it. */
export const bytesOf = (value: unknown) => Buffer.from(canonicalize(value))
