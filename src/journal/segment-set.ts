/** The segments of a running journal, oldest first. */
import type { Segment } from './segment.ts'

export class SegmentSet {
  readonly #segments: Segment[]

  constructor(found: readonly Segment[]) {
    this.#segments = [...found]
  }

  get count(): number {
    return this.#segments.length
  }

  /** Bytes on disk, what is preallocated included. */
  get bytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0)
  }

  /** Oldest seq that is kept. */
  get firstSeq(): number {
    return this.#segments[0]?.header.firstSeq ?? 0
  }

  list(): readonly Segment[] {
    return this.#segments
  }

  add(segment: Segment): void {
    this.#segments.push(segment)
  }

  remove(segment: Segment): void {
    const index = this.#segments.indexOf(segment)
    if (index >= 0) this.#segments.splice(index, 1)
    segment.removed = true
  }

  /** The one that holds `seq`, or the oldest when `seq` is older. */
  holding(seq: number): Segment | null {
    return this.#segments.findLast(({ header }) => header.firstSeq <= seq) ?? this.#segments[0] ?? null
  }

  after({ header }: Segment): Segment | null {
    return this.#segments.find((each) => each.header.number > header.number) ?? null
  }
}
