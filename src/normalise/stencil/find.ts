/** Finds the stencil for a line: by its shape's deciding values, what enrichers add, and the times and parts it has. */
import type { MemberRefusal } from '../../attribution/redact/refusals.ts'
import type { StencilAdditions } from './additions.ts'
import type { LineFacts } from './line-facts.ts'
import type { Plan } from './marks.ts'
import { isExposed } from './secret-slots.ts'
import type { Shape } from './shape.ts'
import { alone } from './slot-class.ts'
import type { CopiedSlot, SlotFields } from './slot-fields.ts'
import { hashBytes, hashStart } from './slot-hash.ts'
import { keepParts } from './slot-part.ts'
import { textAt } from './slot-text.ts'
import type { SlotUse } from './slot-use.ts'
import { fits, type Stencil } from './stencil.ts'

export interface KnownShape {
  readonly shape: Shape
  readonly uses: readonly SlotUse[]
  /** Slots that may decide. */
  readonly considered: readonly number[]
  /** Slots that are read as times. */
  readonly times: Plan['times']
  /** Slots that patterns take parts of. */
  readonly parts: Plan['parts']
  /** Slots whose texts are not always to be copied. */
  readonly refusing: readonly number[]
  /** Slots of fields that hold secrets. */
  readonly secrets: readonly number[]
  /** Slots whose texts, or parts of them, come out as they are. */
  readonly copied: readonly CopiedSlot[]
  readonly stencils: Map<number, Stencil[]>
  cut: number
  served: number
}

/** Whether one of the texts must not be copied as it is. */
export function isRefused(
  { uses, refusing, secrets, copied }: KnownShape,
  slots: Int32Array,
  facts: LineFacts,
  fields: SlotFields | undefined,
): boolean {
  const { bytes } = facts
  for (let i = 0; i < refusing.length; i++) {
    const slot = refusing[i]!
    if (isRefusedBy(uses[slot]!.refusals, bytes, slots[2 * slot]!, slots[2 * slot + 1]!)) return true
  }
  for (let i = 0; i < secrets.length; i++) {
    const slot = secrets[i]!
    if (isExposed(bytes, slots[2 * slot]!, slots[2 * slot + 1]!)) return true
  }
  return fields?.areIn(copied, slots, facts) ?? false
}

function isRefusedBy(refusals: readonly MemberRefusal[], bytes: Buffer, from: number, to: number): boolean {
  let text: string | undefined
  for (let i = 0; i < refusals.length; i++) {
    const refusal = refusals[i]!
    if (refusal.isHarmless?.(bytes, from, to)) continue
    text ??= textAt(bytes, from, to)
    if (refusal.refuses(text)) return true
  }
  return false
}

/** `alone` for a value that decides about the event by itself; else what it has in common with others. */
export function classOf(use: SlotUse, bytes: Uint8Array, from: number, to: number): number {
  if (use.exact) return alone
  if (use.keys?.mayHave(bytes, from, to)) return alone
  let joint = 0
  for (let i = 0; i < use.classes.length; i++) {
    const { of, count } = use.classes[i]!
    const one = of(bytes, from, to)
    if (one === alone) return alone
    joint = joint * count + one
  }
  return joint
}

/** Set by `noteDeciding`: the classes of the slots that may decide, in their order, and a hash of all that decides. */
const found = { hash: 0, classes: new Float64Array(256) }

function noteDeciding({ uses, considered }: KnownShape, slots: Int32Array, bytes: Uint8Array): void {
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

/** The stencil for a line, with the times and parts read and the enrichers asked that it needs. */
export function findStencil(
  known: KnownShape,
  slots: Int32Array,
  facts: LineFacts,
  additions: StencilAdditions | undefined,
): Stencil | undefined {
  const { bytes, view } = facts
  noteDeciding(known, slots, bytes)
  const bucket = known.stencils.get(found.hash)
  if (bucket === undefined) return undefined
  for (let i = 0; i < bucket.length; i++) {
    const stencil = bucket[i]!
    if (!fits(stencil, found.classes, slots, view)) continue
    if (additions !== undefined && !additions.fit(stencil, slots, facts)) continue
    if (!readTimes(stencil, known, slots, facts)) continue
    if (keepParts(stencil.parts, known.parts, facts.parts)) return stencil
  }
  return undefined
}

/** Whether the slots are such times as the stencil was cut for. */
function readTimes({ times }: Stencil, known: KnownShape, slots: Int32Array, facts: LineFacts): boolean {
  for (let i = 0; i < times.length; i++) {
    const { index, kind } = times[i]!
    const { slot, reader } = known.times[index]!
    const time = reader.read(facts.bytes, slots[2 * slot]!, slots[2 * slot + 1]!)
    if (time === undefined || reader.kind !== kind || time.isAfter(facts.latest)) return false
    facts.times[index] = time
  }
  return true
}

/** Under which number the line's stencils are kept. */
export function decidingHash(known: KnownShape, slots: Int32Array, bytes: Uint8Array): number {
  noteDeciding(known, slots, bytes)
  return found.hash
}
