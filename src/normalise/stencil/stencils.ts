/**
 * The short way from a line to its event. An audit log has few shapes of lines, and within a shape few combinations of
 * the values that decide about an event (its action, its outcome): all else is copied. So the canonical bytes of such
 * events are remembered with holes (stencil.ts), and a line that fits one is not parsed, mapped or serialised at all.
 *
 * Every other line takes the general way, and may teach a new stencil. Learning is paid from a credit that lines on the
 * general way earn, so that a log without any regularity costs little more than without stencils.
 */

import type { Enricher } from '../../attribution/enrich/contract.ts'
import type { Refusals } from '../../attribution/redact/refusals.ts'
import type { StreamContext } from '../../event/record.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { StencilAdditions } from './additions.ts'
import { cutStencil } from './cut.ts'
import { fill, type Output } from './fill.ts'
import { classOf, decidingHash, findStencil, isRefused, type KnownShape } from './find.ts'
import type { LineFacts } from './line-facts.ts'
import { withPatches } from './patch-slots.ts'
import { withSecrets } from './secret-slots.ts'
import { readShape, type Shape } from './shape.ts'
import { ShapeTree } from './shape-tree.ts'
import { copiedSlots, SlotFields } from './slot-fields.ts'
import { SlotTime } from './slot-time.ts'
import type { SlotUse } from './slot-use.ts'
import { slotUses } from './slot-uses.ts'
import type { Stencil } from './stencil.ts'
import type { GeneralPath } from './trial.ts'

const maxShapes = 512
const maxStencils = 2048
/** A longer line is not worth remembering: with the number of stencils this bounds their memory. Bytes. */
export const maxLength = 8 * 1024
/** What learning costs, in lines on the general way; and the credit to begin with. */
const price = 16
const firstCredit = 4096
/** A shape that keeps teaching and hardly serves has values in the deciding places that do not repeat. */
const patience = 512
/** Lines that a cut has to serve beyond that, on average: it costs some five on the general way. */
const usesOfACut = 4

export class Stencils {
  /** Lines that were written from a stencil. */
  served = 0
  /** How often all that was known was forgotten. */
  generation = 0
  readonly #useOf: (path: Shape['slots'][number]['path']) => SlotUse
  readonly #general: () => GeneralPath
  /** The member that would hold several records: a line that has it is left to the general way. */
  readonly #records: string | undefined
  readonly #additions: StencilAdditions | undefined
  readonly #fields: SlotFields | undefined
  /** Names of fields that hold secrets, in small letters. */
  readonly #secrets: ReadonlySet<string>
  /** Names of fields that are redacted. */
  readonly #names: readonly string[]
  #tree = new ShapeTree<KnownShape>()
  #shapes = 0
  #cut = 0
  #credit = firstCredit
  /** Of the last line that `write` was asked about. */
  #shape: KnownShape | undefined

  private constructor(
    useOf: (path: Shape['slots'][number]['path']) => SlotUse,
    records: Mapping['records'],
    additions: StencilAdditions | undefined,
    refusals: Refusals,
    general: () => GeneralPath,
  ) {
    this.#fields = refusals.fields && new SlotFields(refusals.fields)
    this.#names = refusals.fields?.names ?? []
    this.#secrets = new Set(refusals.secrets.map((name) => name.toLowerCase()))
    this.#useOf = useOf
    this.#additions = additions
    this.#records = records && String(records.segments[0])
    this.#general = general
  }

  /** Undefined for mappings and enrichers that stencils cannot follow. `general` is asked for once something is to be learnt. */
  static for(
    mapping: Mapping,
    zone: string | undefined,
    refusals: Refusals,
    enrichers: readonly Enricher[],
    general: () => GeneralPath,
  ): Stencils | undefined {
    const compared = new Set(
      enrichers.flatMap((enricher) =>
        enricher.reads === 'nothing'
          ? enricher.sets.map((member) => (member.startsWith('scope.') ? 'scope' : member))
          : [],
      ),
    )
    const useOf = areFollowed(enrichers) ? slotUses(mapping, zone, refusals.ofMember, compared) : undefined
    const additions = enrichers.length === 0 ? undefined : new StencilAdditions(enrichers, refusals)
    return useOf && new Stencils(useOf, mapping.records, additions, refusals, general)
  }

  /** Before each chunk. */
  begin(stream: StreamContext): void {
    this.#additions?.begin(stream)
  }

  /** Writes the line's event, if there is a stencil for it; returns that. `facts.bytes` must be UTF-8. */
  write(facts: LineFacts, output: Output): Stencil | undefined {
    const known = this.match(facts)
    return known && this.writeShape(known, this.#tree.slots, facts, output)
  }

  /** The line's shape, where it is known; its slots are then in `slots`. */
  match({ bytes, view, start, length }: LineFacts): KnownShape | undefined {
    this.#shape = this.#tree.match(bytes, view, start, start + length)
    return this.#shape
  }

  /** Of the last line that had a shape. */
  get slots(): Int32Array {
    return this.#tree.slots
  }

  /** The same for a line whose shape and slots are known. */
  writeShape(known: KnownShape, slots: Int32Array, facts: LineFacts, output: Output): Stencil | undefined {
    if (isHopeless(known)) return undefined
    if (isRefused(known, slots, facts, this.#fields)) return undefined
    const stencil = findStencil(known, slots, facts, this.#additions)
    if (stencil === undefined || !fill(stencil, slots, facts, output)) return undefined
    known.served++
    this.served++
    return stencil
  }

  /** Shape and slots of the line that `write` was last asked about. */
  get matched(): { readonly shape: KnownShape; readonly slots: Int32Array } | undefined {
    return this.#shape && { shape: this.#shape, slots: this.#tree.slots }
  }

  /** Told of a line that took the general way, and was understood, right after `write` or `match` was asked about it. */
  learn(facts: LineFacts): void {
    const { bytes, view, start, length } = facts
    if (length > maxLength) return
    const end = start + length
    this.#credit++
    if (this.#credit < price || (this.#shape !== undefined && isHopeless(this.#shape))) return
    this.#credit -= price
    const known = this.#shape ?? this.#addShape(bytes, start, end)
    if (known === undefined || isHopeless(known)) return
    known.cut++
    const { slots } = this.#tree
    if (this.#shape === undefined && this.#tree.match(bytes, view, start, end) === undefined) return
    if (isRefused(known, slots, facts, this.#fields)) {
      // It says nothing of other lines of the shape.
      known.cut--
      return
    }
    const values = known.shape.slots.map((_, slot) => bytes.subarray(slots[2 * slot], slots[2 * slot + 1]))
    const stencil = this.#try(known, values)
    // A defect in here must cost a short cut, never a line.
    if (stencil === null) known.cut = Number.POSITIVE_INFINITY
    if (stencil === null || stencil === undefined) return
    if (++this.#cut > maxStencils) {
      this.#forget()
      return
    }
    const hash = decidingHash(known, slots, bytes)
    const bucket = known.stencils.get(hash)
    if (bucket === undefined) known.stencils.set(hash, [stencil])
    else bucket.push(stencil)
  }

  #try(
    { shape, uses, considered, times, parts }: KnownShape,
    values: readonly Uint8Array[],
  ): Stencil | undefined | null {
    const classIn = (slot: number, value: Uint8Array) => classOf(uses[slot]!, value, 0, value.length)
    const classes = values.map((value, slot) => classIn(slot, value))
    try {
      return cutStencil(
        { shape, classes, classOf: classIn, times, parts },
        considered,
        values,
        this.#general(),
        this.#additions,
      )
    } catch {
      return null
    }
  }

  /** What is remembered is bounded: a log that changes over months begins anew now and then. */
  #forget(): void {
    this.#tree = new ShapeTree()
    this.generation++
    this.#shapes = 0
    this.#cut = 0
  }

  #addShape(bytes: Uint8Array, start: number, end: number): KnownShape | undefined {
    if (this.#shapes >= maxShapes) this.#forget()
    const shape = readShape(bytes, start, end)
    if (shape === undefined) return undefined
    const plain = shape.slots.map((slot) => withSecrets(slot, this.#useOf(slot.path), this.#secrets))
    const uses = withPatches(shape, plain, this.#names)
    const considered = uses.flatMap((use, slot) =>
      use.exact || use.keys !== undefined || use.classes.length > 0 ? [slot] : [],
    )
    const times = uses.flatMap(({ time }, slot) =>
      time === undefined ? [] : { slot, reader: new SlotTime(time, shape.slots[slot]!.kind) },
    )
    const known: KnownShape = {
      shape,
      uses,
      considered,
      times,
      parts: uses.flatMap(({ exact, matches }, slot) =>
        exact ? [] : matches.flatMap(({ part }) => (part === undefined ? [] : { slot, reader: part })),
      ),
      refusing: uses.flatMap(({ refusals }, slot) => (refusals.length > 0 ? [slot] : [])),
      secrets: uses.flatMap(({ isSecret }, slot) => (isSecret ? [slot] : [])),
      copied: copiedSlots(shape, uses),
      stencils: new Map(),
      cut: this.#records !== undefined && shape.members.has(this.#records) ? Number.POSITIVE_INFINITY : 0,
      served: 0,
    }
    this.#shapes++
    this.#tree.add(shape, known)
    return known
  }
}

/** Members that are no part of what a line says, or are made of more than one of its values. */
const notOfTheLine =
  /^(?:attribution|id|observed_time|original_time|provenance|quality|raw|redactions|time|time_source)\b/

/** Whether what an enricher looks up is always of the line itself: not from an enricher before it, and no time or position. */
function areFollowed(enrichers: readonly Enricher[]): boolean {
  const set = new Set<string>()
  return enrichers.every((enricher) => {
    // It looks at all of the event, and takes things out of it.
    if (enricher.reads === 'record') return false
    const key = enricher.reads === 'member' ? enricher.key : undefined
    const follows = key === undefined || !(notOfTheLine.test(key) || set.has(key))
    for (const member of enricher.sets) set.add(member)
    return follows
  })
}

const isHopeless = (known: KnownShape) => known.cut > patience + known.served / usesOfACut
