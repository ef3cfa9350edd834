/**
 * A stencil: the canonical bytes of the events of one shape with the same deciding values, and holes for what differs
 * from line to line. Filling it (fill.ts) is copying.
 */
import type { KeyPlace } from './additions.ts'
import { alone } from './slot-class.ts'
import type { ReadPart } from './slot-part.ts'

export interface Stencil {
  /**
   * Fixed bytes, each followed by a hole; the last by `holes.end`. In one array, since hundreds of stencils take turns
   * and many small arrays would not stay in the processor's cache. Of each piece: its length in bytes, its hole, and
   * the bytes, four to a word, the last word padded.
   */
  readonly program: Int32Array
  /** How many slots there are: the hole of time 0. */
  readonly slots: number
  readonly times: readonly ReadTime[]
  /** Their holes are behind those of all times of the shape. */
  readonly parts: readonly ReadPart[]
  /** Where the keys of enrichers are, and the structure of what each adds. */
  readonly keys: readonly KeyPlace[]
  readonly structures: readonly number[]
  /** The hole of the first enricher's values, each in its turn; those of the others follow. */
  readonly firstAddition: number
  /** Whether the event's id is made of its producer's. */
  readonly hasProducerId: boolean
  /** Classes of the slots that may decide (slot-class.ts), in their order; the values of those that decide alone. */
  readonly deciding: readonly Deciding[]
  /** Whether the events lack an answer that is required. */
  readonly incomplete: boolean
  /** Bytes of an event, less those of its slots. */
  readonly fixedBytes: number
  /** How often a slot's bytes may occur at most. */
  readonly copies: number
}

/** A slot that must hold a time. */
interface ReadTime {
  /** Which of the shape's times. */
  readonly index: number
  /** What reading it left to say; see slot-time.ts. */
  readonly kind: number
}

interface Deciding {
  readonly slot: number
  readonly class: number
  readonly bytes: Uint8Array
}

/** Whether the line's deciding values are this stencil's. `classes`: of its slots that may decide, in their order. */
export function fits(
  { deciding }: Stencil,
  classes: Float64Array,
  slots: Int32Array,
  bytes: Uint8Array,
): boolean {
  for (let i = 0; i < deciding.length; i++) {
    const { slot, class: known, bytes: wanted } = deciding[i]!
    if (classes[i] !== known) return false
    if (known !== alone) continue
    const from = slots[2 * slot]!
    if (slots[2 * slot + 1]! - from !== wanted.length) return false
    for (let at = 0; at < wanted.length; at++) if (bytes[from + at] !== wanted[at]) return false
  }
  return true
}
