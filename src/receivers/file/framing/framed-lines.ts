/**
 * One file's lines on their way through its framer, and its records on their way out: one chunk at a time, so that what
 * is committed is a position to go back to.
 */
import type { StreamPosition } from '../../../event/batch.ts'
import type { Framing } from './begin.ts'
import type { FramedChunk } from './framed-chunk.ts'
import type { Framer, FramerInput } from './framer.ts'

export class FramedLines {
  readonly #framing: Framing
  #framer: Framer
  #ready: FramedChunk[] = []
  #committed: StreamPosition

  /** `position` is where the stream is read on. */
  constructor(framing: Framing, position: StreamPosition) {
    this.#framing = framing
    this.#committed = position
    this.#framer = framing.framer(position)
  }

  /** Where a restart would resume. */
  get committed(): StreamPosition {
    return this.#committed
  }

  /** Whether a record is in the making, or waits to be sent. */
  get isPending(): boolean {
    return this.#ready.length > 0 || this.#framer.isPending
  }

  /** Whether `next` has one. */
  get isReady(): boolean {
    return this.#ready.length > 0
  }

  /** Offset of the first line whose last part is missing: without more input, nothing from there on is committed. */
  get unfinishedAt(): number {
    return this.#framer.unfinishedAt
  }

  /** Offsets that positions may have before more is taken: of chunks that are ready, and of records in the making. */
  get places(): readonly number[] {
    return [...this.#ready.map(({ position }) => position.offset), ...this.#framer.beginnings]
  }

  /** Copies what it keeps. `now` in monotonic milliseconds, as everywhere. */
  take(lines: FramerInput, now: number): void {
    this.#ready.push(...this.#framer.push(lines, now))
  }

  isDue(now: number, lastGrowth: number): boolean {
    return this.#framer.isDue(now, lastGrowth)
  }

  /** At the end of the input: records to which nothing was added for long enough are whole. */
  quiet(now: number, lastGrowth: number): void {
    this.#ready.push(...this.#framer.quiet(now, lastGrowth))
  }

  /** No more will come. */
  flush(): void {
    this.#ready.push(...this.#framer.flush())
  }

  next(): FramedChunk | undefined {
    return this.#ready.shift()
  }

  /** A chunk from `next` is in the journal. */
  settle({ position }: FramedChunk): void {
    this.#committed = position
  }

  /** A chunk was not taken in. Returns where to read on. */
  goBack(): number {
    this.#ready = []
    this.#framer = this.#framing.framer(this.#committed)
    return this.#committed.offset
  }
}
