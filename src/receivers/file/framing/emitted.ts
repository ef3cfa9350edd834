/**
 * Which bytes of a stream are done with: their records are emitted, or they are in none. What is not lies behind
 * `offset`; where a restart resumes.
 */
import type { StreamPosition } from '../../../event/batch.ts'

type Range = [start: number, end: number]

export class Emitted {
  #offset: number
  /** In order, apart from each other, and behind `#offset`. */
  readonly #ranges: Range[]

  constructor({ offset, ranges }: StreamPosition) {
    this.#offset = offset
    this.#ranges = ranges.map(([start, end]): Range => [start, end])
  }

  get position(): StreamPosition {
    return { offset: this.#offset, ranges: this.#ranges.map(([start, end]): Range => [start, end]) }
  }

  get rangeCount(): number {
    return this.#ranges.length
  }

  /** Whether the line that begins at `start` was done with before. */
  has(start: number): boolean {
    if (start < this.#offset) return true
    return this.#ranges.some(([from, end]) => from <= start && start < end)
  }

  /** `[start, end)` are whole lines. */
  add(start: number, end: number): void {
    const ranges = this.#ranges
    let at = ranges.length
    while (at > 0 && ranges[at - 1]![0] > start) at--
    const before = ranges[at - 1]
    if (before !== undefined && before[1] >= start) {
      before[1] = Math.max(before[1], end)
      at -= 1
    } else ranges.splice(at, 0, [start, end])
    const range = ranges[at]!
    while (at + 1 < ranges.length && ranges[at + 1]![0] <= range[1]) {
      range[1] = Math.max(range[1], ranges.splice(at + 1, 1)[0]![1])
    }
    while (ranges.length > 0 && ranges[0]![0] <= this.#offset) {
      this.#offset = Math.max(this.#offset, ranges.shift()![1])
    }
  }
}
