/** Whether there is room for one more segment: within the limit, above the floor, after what is settled has gone. */
import type { DiskFloor } from './disk-floor.ts'
import type { Retainer } from './retainer.ts'
import type { SegmentSet } from './segment-set.ts'
import type { Sizes } from './sizes.ts'
import type { Spare } from './spare.ts'

export interface RoomOptions {
  readonly sizes: Sizes
  readonly segments: SegmentSet
  readonly spare: Spare
  readonly retainer: Retainer
  readonly floor: DiskFloor
}

export class Room {
  readonly #options: RoomOptions

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** Bytes on disk, what is prepared included. */
  get bytes(): number {
    return this.#options.segments.bytes + this.#options.spare.size
  }

  /** Bytes that lack for a segment of `size`; 0 or less when there is room. */
  shortBy(size: number, reserve: boolean): number {
    return Math.max(this.#shortOfLimit(size, reserve), this.#shortOfFloor(size, reserve))
  }

  /** Bytes that lack although nothing more is taken. */
  get belowFloor(): number {
    return Math.max(0, this.#shortOfFloor(this.#options.spare.size, false))
  }

  /**
   * The first of `wanted` for which there is room, or null. What is settled goes for it.
   * @param wanted sizes of segments, the last one the least that will do
   * @param active bytes of the segment that the new one follows: once everything in it is settled it can go
   */
  async choose(
    wanted: readonly number[],
    about: { readonly reserve: boolean; readonly active: number; readonly durableSeq: number },
  ): Promise<number | null> {
    const { retainer, floor } = this.#options
    await floor.look()
    const smallest = wanted.at(-1)
    for (const size of wanted) {
      if (await retainer.retain(() => this.shortBy(size, about.reserve))) return size
      if (size !== smallest || !retainer.mayRemoveBelow(about.durableSeq)) continue
      // Where nothing is left to be settled, waiting would never end: one block may be larger than the limit. Space
      // that others took is another matter.
      if (this.#shortOfFloor(size, about.reserve) <= about.active) return size
    }
    return null
  }

  #shortOfLimit(size: number, reserve: boolean): number {
    const { sizes, segments } = this.#options
    return segments.bytes + size - (reserve ? sizes.max : sizes.max - sizes.reserved)
  }

  #shortOfFloor(size: number, reserve: boolean): number {
    const { sizes, spare, floor } = this.#options
    // What is prepared has been taken from the volume already.
    return floor.shortBy(size - spare.size, reserve ? sizes.reserved : 0)
  }
}
