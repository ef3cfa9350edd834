/**
 * The short way from a line to its event. An audit log has few shapes of lines, and within a shape few combinations of
 * the values that decide about an event (its action, its outcome): all else is copied. So the canonical bytes of such
 * events are remembered with holes (stencil.ts), and a line that fits one is not parsed, mapped or serialised at all.
 *
 * Every other line takes the general way, and may teach a new stencil. Learning is paid from a credit that lines on the
 * general way earn, so that a log without any regularity costs little more than without stencils.
 */
import type { Mapping } from '../mapping/mapping.ts'
import { cutStencil, type GeneralPath, type Plan } from './cut.ts'
import { readShape, type Shape } from './shape.ts'
import { ShapeTree } from './shape-tree.ts'
import { foldedHash, hashBytes, hashStart } from './slot-hash.ts'
import { SlotTime } from './slot-time.ts'
import { type SlotUse, slotUses } from './slot-uses.ts'
import { fill, fits, type LineFacts, type Output, type Stencil } from './stencil.ts'

const maxShapes = 512
const maxStencils = 2048
/** A longer line is not worth remembering: with the number of stencils this bounds their memory. Bytes. */
const maxLength = 8 * 1024
/** What learning costs, in lines on the general way; and the credit to begin with. */
const price = 16
const firstCredit = 4096
/** A shape that keeps teaching and hardly serves has values in the deciding places that do not repeat. */
const patience = 64

interface KnownShape {
  readonly shape: Shape
  readonly uses: readonly SlotUse[]
  /** Slots that may decide. */
  readonly considered: readonly number[]
  /** The slot that is read as a time, or -1. */
  readonly time: number
  readonly reader: SlotTime | undefined
  readonly stencils: Map<number, Stencil[]>
  cut: number
  served: number
}

export class Stencils {
  /** Lines that were written from a stencil. */
  served = 0
  readonly #useOf: (path: Shape['slots'][number]['path']) => SlotUse
  readonly #general: () => GeneralPath
  #tree = new ShapeTree<KnownShape>()
  #shapes = 0
  #cut = 0
  #credit = firstCredit
  /** Of the last line that `write` was asked about. */
  #shape: KnownShape | undefined

  private constructor(useOf: (path: Shape['slots'][number]['path']) => SlotUse, general: () => GeneralPath) {
    this.#useOf = useOf
    this.#general = general
  }

  /** Undefined for mappings that stencils cannot follow. `general` is asked for once something is to be learnt. */
  static for(mapping: Mapping, zone: string | undefined, general: () => GeneralPath): Stencils | undefined {
    const useOf = slotUses(mapping, zone)
    return useOf && new Stencils(useOf, general)
  }

  /** Writes the line's event, if there is a stencil for it; returns that. `facts.bytes` must be UTF-8. */
  write(facts: LineFacts, output: Output): Stencil | undefined {
    const { bytes, view, start, length } = facts
    const known = this.#tree.match(bytes, view, start, start + length)
    this.#shape = known
    if (known === undefined || isHopeless(known)) return undefined
    const { slots } = this.#tree
    const stencil = find(known, slots, bytes)
    if (stencil === undefined) return undefined
    if (known.time >= 0) {
      facts.time = known.reader!.read(bytes, slots[2 * known.time]!, slots[2 * known.time + 1]!)
      if (facts.time === undefined) return undefined
    }
    fill(stencil, slots, facts, output)
    known.served++
    this.served++
    return stencil
  }

  /** Told of a line that took the general way, and was understood, right after `write` returned undefined for it. */
  learn({ bytes, view, start, length }: LineFacts): void {
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
    const deciding = new Set(
      known.considered.filter((slot) => decides(known.uses[slot]!, slots, bytes, slot)),
    )
    const values = known.shape.slots.map((_, slot) => bytes.subarray(slots[2 * slot], slots[2 * slot + 1]))
    const reader = known.time < 0 ? undefined : known.uses[known.time]!.time
    const time = reader && { slot: known.time, reader }
    const stencil = this.#try({ shape: known.shape, deciding, time }, values)
    // A defect in here must cost a short cut, never a line.
    if (stencil === null) known.cut = Number.POSITIVE_INFINITY
    if (stencil === null || stencil === undefined) return
    if (++this.#cut > maxStencils) {
      this.#forget()
      return
    }
    decidingHash(known, slots, bytes)
    const hash = found.hash
    const bucket = known.stencils.get(hash)
    if (bucket === undefined) known.stencils.set(hash, [stencil])
    else bucket.push(stencil)
  }

  #try(plan: Plan, values: readonly Uint8Array[]): Stencil | undefined | null {
    try {
      return cutStencil(plan, values, this.#general())
    } catch {
      return null
    }
  }

  /** What is remembered is bounded: a log that changes over months begins anew now and then. */
  #forget(): void {
    this.#tree = new ShapeTree()
    this.#shapes = 0
    this.#cut = 0
  }

  #addShape(bytes: Uint8Array, start: number, end: number): KnownShape | undefined {
    if (this.#shapes >= maxShapes) this.#forget()
    const shape = readShape(bytes, start, end)
    if (shape === undefined) return undefined
    const uses = shape.slots.map(({ path }) => this.#useOf(path))
    const times = uses.flatMap((use, slot) => (use.time === undefined ? [] : [slot]))
    const time = times[0] ?? -1
    const considered = uses.flatMap((use, slot) => (use.exact || use.keys !== undefined ? [slot] : []))
    const known: KnownShape = {
      shape,
      uses,
      considered,
      time,
      reader: time < 0 ? undefined : new SlotTime(uses[time]!.time!, shape.slots[time]!.kind),
      stencils: new Map(),
      // Two times in one record: left to the general way.
      cut: times.length > 1 ? Number.POSITIVE_INFINITY : 0,
      served: 0,
    }
    this.#shapes++
    this.#tree.add(shape, known)
    return known
  }
}

const isHopeless = (known: KnownShape) => known.cut > patience + known.served

/** Whether the value decides about the event, or is only copied. */
function decides(use: SlotUse, slots: Int32Array, bytes: Uint8Array, slot: number): boolean {
  if (use.exact) return true
  if (use.keys === undefined) return false
  const hash = foldedHash(bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
  return hash === -1 || use.keys.has(hash)
}

/** Which slots decide, and their values, as a hash; how many they are. Set by `decidingHash`. */
const found = { hash: 0, count: 0 }

function decidingHash({ uses, considered }: KnownShape, slots: Int32Array, bytes: Uint8Array): void {
  let hash = hashStart
  let count = 0
  for (let i = 0; i < considered.length; i++) {
    const slot = considered[i]!
    if (!decides(uses[slot]!, slots, bytes, slot)) continue
    count++
    hash = hashBytes(Math.imul(hash ^ slot, 0x01000193), bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
  }
  found.hash = hash
  found.count = count
}

function find(known: KnownShape, slots: Int32Array, bytes: Uint8Array): Stencil | undefined {
  decidingHash(known, slots, bytes)
  const { count } = found
  return known.stencils.get(found.hash)?.find((stencil) => fits(stencil, count, slots, bytes))
}
