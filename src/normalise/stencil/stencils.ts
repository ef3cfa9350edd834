/**
 * The short way from a line to its event. An audit log has few shapes of lines, and within a shape few combinations of
 * the values that decide about an event (its action, its outcome): all else is copied. So the canonical bytes of such
 * events are remembered with holes (stencil.ts), and a line that fits one is not parsed, mapped or serialised at all.
 *
 * Every other line takes the general way, and may teach a new stencil. Learning is paid from a credit that lines on the
 * general way earn, so that a log without any regularity costs little more than without stencils.
 */
import type { Mapping } from '../mapping/mapping.ts'
import { cutStencil, type GeneralPath } from './cut.ts'
import type { Plan } from './marks.ts'
import { readShape, type Shape } from './shape.ts'
import { ShapeTree } from './shape-tree.ts'
import { alone } from './slot-class.ts'
import { foldedHash, hashBytes, hashStart } from './slot-hash.ts'
import { SlotTime } from './slot-time.ts'
import { type RefusalOf, type SlotUse, slotUses } from './slot-uses.ts'
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
/** More than a table has; what is over is only a stencil less. */
const maxPatterns = 256

interface KnownShape {
  readonly shape: Shape
  readonly uses: readonly SlotUse[]
  /** Slots that may decide. */
  readonly considered: readonly number[]
  /** Slots that are read as times. */
  readonly times: Plan['times']
  /** Slots whose texts are not always to be copied. */
  readonly refusing: readonly number[]
  readonly stencils: Map<number, Stencil[]>
  cut: number
  served: number
}

export class Stencils {
  /** Lines that were written from a stencil. */
  served = 0
  readonly #useOf: (path: Shape['slots'][number]['path']) => SlotUse
  readonly #general: () => GeneralPath
  /** The member that would hold several records: a line that has it is left to the general way. */
  readonly #records: string | undefined
  #tree = new ShapeTree<KnownShape>()
  #shapes = 0
  #cut = 0
  #credit = firstCredit
  /** Of the last line that `write` was asked about. */
  #shape: KnownShape | undefined

  private constructor(
    useOf: (path: Shape['slots'][number]['path']) => SlotUse,
    records: Mapping['records'],
    general: () => GeneralPath,
  ) {
    this.#useOf = useOf
    this.#records = records && String(records.segments[0])
    this.#general = general
  }

  /** Undefined for mappings that stencils cannot follow. `general` is asked for once something is to be learnt. */
  static for(
    mapping: Mapping,
    zone: string | undefined,
    refusalOf: RefusalOf,
    general: () => GeneralPath,
  ): Stencils | undefined {
    const useOf = slotUses(mapping, zone, refusalOf)
    return useOf && new Stencils(useOf, mapping.records, general)
  }

  /** Writes the line's event, if there is a stencil for it; returns that. `facts.bytes` must be UTF-8. */
  write(facts: LineFacts, output: Output): Stencil | undefined {
    const { bytes, view, start, length } = facts
    const known = this.#tree.match(bytes, view, start, start + length)
    this.#shape = known
    if (known === undefined || isHopeless(known)) return undefined
    const { slots } = this.#tree
    if (isRefused(known, slots, bytes)) return undefined
    const stencil = find(known, slots, facts)
    if (stencil === undefined || !fill(stencil, slots, facts, output)) return undefined
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
    if (isRefused(known, slots, bytes)) return
    const values = known.shape.slots.map((_, slot) => bytes.subarray(slots[2 * slot], slots[2 * slot + 1]))
    const stencil = this.#try(known, values)
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

  #try(
    { shape, uses, considered, times }: KnownShape,
    values: readonly Uint8Array[],
  ): Stencil | undefined | null {
    const classIn = (slot: number, value: Uint8Array) => classOf(uses[slot]!, value, 0, value.length)
    const classes = values.map((value, slot) => classIn(slot, value))
    try {
      return cutStencil({ shape, classes, classOf: classIn, times }, considered, values, this.#general())
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
      refusing: uses.flatMap(({ refusals }, slot) => (refusals.length > 0 ? [slot] : [])),
      stencils: new Map(),
      cut: this.#records !== undefined && shape.members.has(this.#records) ? Number.POSITIVE_INFINITY : 0,
      served: 0,
    }
    this.#shapes++
    this.#tree.add(shape, known)
    return known
  }
}

const isHopeless = (known: KnownShape) => known.cut > patience + known.served

/** Whether one of the texts must not be copied as it is. */
function isRefused({ uses, refusing }: KnownShape, slots: Int32Array, bytes: Buffer): boolean {
  for (let i = 0; i < refusing.length; i++) {
    const slot = refusing[i]!
    const text = textOf(bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
    if (uses[slot]!.refusals.some((refuses) => refuses(text))) return true
  }
  return false
}

/** A slot's text: its bytes are as JSON has them. */
function textOf(bytes: Buffer, from: number, to: number): string {
  const written = bytes.toString('utf8', from, to)
  return written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
}

/** `alone` for a value that decides about the event by itself; else what it has in common with others. */
function classOf(use: SlotUse, bytes: Uint8Array, from: number, to: number): number {
  if (use.exact) return alone
  if (use.keys !== undefined) {
    const hash = foldedHash(bytes, from, to)
    if (hash === -1 || use.keys.has(hash)) return alone
  }
  let joint = 0
  for (let i = 0; i < use.classes.length; i++) {
    const one = use.classes[i]!(bytes, from, to)
    if (one === alone) return alone
    joint = joint * maxPatterns + one
  }
  return joint
}

/** Set by `decidingHash`: the classes of the slots that may decide, in their order, and a hash of all that decides. */
const found = { hash: 0, classes: new Int32Array(256) }

function decidingHash({ uses, considered }: KnownShape, slots: Int32Array, bytes: Uint8Array): void {
  let hash = hashStart
  for (let i = 0; i < considered.length; i++) {
    const slot = considered[i]!
    const one = classOf(uses[slot]!, bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
    found.classes[i] = one
    hash = Math.imul(hash ^ slot, 0x01000193)
    if (one === alone) hash = hashBytes(hash, bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
    else hash = Math.imul(hash ^ one, 0x01000193)
  }
  found.hash = hash
}

/** The stencil for a line, with the times read that it needs. */
function find(known: KnownShape, slots: Int32Array, facts: LineFacts): Stencil | undefined {
  const { bytes } = facts
  decidingHash(known, slots, bytes)
  const bucket = known.stencils.get(found.hash)
  if (bucket === undefined) return undefined
  for (let i = 0; i < bucket.length; i++) {
    const stencil = bucket[i]!
    if (fits(stencil, found.classes, slots, bytes) && readTimes(stencil, known, slots, facts)) return stencil
  }
  return undefined
}

/** Whether the slots are such times as the stencil was cut for. */
function readTimes({ times }: Stencil, known: KnownShape, slots: Int32Array, facts: LineFacts): boolean {
  for (let i = 0; i < times.length; i++) {
    const { index, kind } = times[i]!
    const { slot, reader } = known.times[index]!
    const time = reader.read(facts.bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
    if (time === undefined || reader.kind !== kind || time > facts.latest) return false
    facts.times[index] = time
  }
  return true
}
