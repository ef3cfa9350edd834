/**
 * A stencil: the canonical bytes of the events of one shape with the same deciding values, and holes for what differs
 * from line to line. Filling it (fill.ts) is copying.
 */
import type { KeyPlace } from './additions.ts'
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
  readonly parts: readonly ReadPart[]
  /** The hole of part 0: behind those of all times of the shape. */
  readonly firstPart: number
  /** Where the keys of enrichers are, and the structure of what each adds. */
  readonly keys: readonly KeyPlace[]
  readonly structures: readonly number[]
  /** The hole of the first enricher's values, each in its turn; those of the others follow. */
  readonly firstAddition: number
  /** Whether the event's id is made of its producer's. */
  readonly hasProducerId: boolean
  /** Classes of the slots that may decide (slot-class.ts), in their order. */
  readonly classes: Float64Array
  /** The values of those that decide alone; see `decidingValues`. */
  readonly deciding: Int32Array
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

/** Of each value: its slot, its length in bytes, and its bytes: four to a word as far as they go, then one by one. */
export function decidingValues(
  values: readonly { readonly slot: number; readonly bytes: Uint8Array }[],
): Int32Array {
  return Int32Array.from(
    values.flatMap(({ slot, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const whole = bytes.length >> 2
      const words = Array.from({ length: whole }, (_, i) => view.getInt32(4 * i, true))
      return [slot, bytes.length, ...words, ...bytes.subarray(4 * whole)]
    }),
  )
}

/** Whether the line's deciding values are this stencil's. `classes`: of its slots that may decide, in their order. */
export function fits(
  { classes: known, deciding }: Stencil,
  classes: Float64Array,
  slots: Int32Array,
  view: DataView,
): boolean {
  for (let i = 0; i < known.length; i++) if (classes[i] !== known[i]) return false
  for (let d = 0; d < deciding.length; ) {
    const slot = deciding[d++]!
    const length = deciding[d++]!
    let at = slots[2 * slot]!
    const end = slots[2 * slot + 1]!
    if (end - at !== length) return false
    for (; at + 4 <= end; at += 4) if (view.getInt32(at, true) !== deciding[d++]) return false
    for (; at < end; at++) if (view.getUint8(at) !== deciding[d++]) return false
  }
  return true
}
