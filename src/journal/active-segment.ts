/** The segment that is being written, if any, and where the one after it begins. */
import { SegmentWriter, segmentOverhead } from './segment-writer.ts'
import type { WriterOptions } from './writer-options.ts'

export interface SegmentStart {
  /** Journal offset behind all that is durable. */
  readonly end: number
  readonly nextNumber: number
  readonly routeTable: string
  /** Makes durable what segments refer to; before the first one. */
  readonly prepare: () => Promise<unknown>
}

export class ActiveSegment {
  readonly #options: WriterOptions
  #prepare: (() => Promise<unknown>) | null
  #end: number
  #nextNumber: number
  #routeTable: string
  #current: SegmentWriter | null = null

  constructor(options: WriterOptions, from: SegmentStart) {
    this.#options = options
    this.#prepare = from.prepare
    this.#end = from.end
    this.#nextNumber = from.nextNumber
    this.#routeTable = from.routeTable
  }

  get current(): SegmentWriter | null {
    return this.#current
  }

  /** Bytes that are left in it. */
  get room(): number {
    return this.#current?.room ?? 0
  }

  /** Bytes that it takes on disk. */
  get size(): number {
    return this.#current?.segment.size ?? 0
  }

  /** Segments from the next one on refer to it; whether that is a change. */
  useRoutes(routeTable: string): boolean {
    const changed = routeTable !== this.#routeTable
    this.#routeTable = routeTable
    return changed
  }

  /** A group is durable: the segment ends behind it. */
  grown({ segment }: SegmentWriter): void {
    this.#end = segment.header.base + segment.end
  }

  /** @throws what the file system says */
  async open(size: number, firstSeq: number): Promise<void> {
    const { fs, clock, directory, epoch, origin, sizes, spare, streams, keys, segments } = this.#options
    await this.#prepare?.()
    this.#prepare = null
    const file = await spare.take(Math.max(size, sizes.holding(segmentOverhead(streams))))
    const writer = await SegmentWriter.create(fs, directory, file, streams, keys, {
      epoch,
      origin,
      number: this.#nextNumber++,
      firstSeq,
      base: this.#end,
      created: clock.now(),
      routeTable: this.#routeTable,
    })
    segments.add(writer.segment)
    this.#current = writer
    this.grown(writer)
  }

  /** Nothing more is written to it. */
  async close(): Promise<void> {
    const active = this.#take()
    if (!active) return
    if (active.isEmpty) return await this.#discard(active)
    // Trimming only saves space.
    await active.seal().catch(() => active.abandon())
  }

  /** As `close`, of one that failed. */
  async abandon(): Promise<void> {
    const active = this.#take()
    if (!active) return
    if (active.isEmpty) await this.#discard(active)
    else await active.abandon()
  }

  /** As `close`, with its seal written: it stays, empty or not. @throws what the file system says */
  async seal(): Promise<void> {
    await this.#take()?.seal()
  }

  #take(): SegmentWriter | null {
    const active = this.#current
    this.#current = null
    return active
  }

  /** Its successor begins where it began; should its file stay, the successor's base shows that it is empty. */
  async #discard(active: SegmentWriter): Promise<void> {
    this.#options.segments.remove(active.segment)
    this.#end = active.segment.header.base
    await active.discard().catch(() => {})
  }
}
