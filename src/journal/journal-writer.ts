/**
 * The one writer. Takes groups from the queue, gives seqs in call order, and keeps one promise above all: what is
 * acknowledged was synced, and what is not can't be seen.
 *
 * A failed write or sync ends the use of that file: its pages may be gone, and another sync that succeeds would prove
 * nothing. The group is written again to a new segment. When that fails too, nothing of the group is kept, senders hear
 * so, and a new segment is tried every second until one works.
 */
import { AffiantError } from '../errors.ts'
import type { JournalPressure } from './contract.ts'
import { describeFailure, fullMessage, outOfOrder, pressureError, reasonOf } from './pressure.ts'
import { committedBlock } from './recent-blocks.ts'
import { SegmentWriter, segmentOverhead } from './segment-writer.ts'
import type { PendingBlock, WriterOptions } from './writer-options.ts'

export class JournalWriter {
  readonly #options: WriterOptions
  #active: SegmentWriter | null = null
  /** Journal offset behind all that is durable: where the next segment begins. */
  #end: number
  #nextNumber: number
  #routeTable: string
  /** Bytes that a full journal must have free before it takes batches again. */
  #needed = 0
  durableSeq: number
  pressure: JournalPressure | null = null
  commits = 0
  syncMilliseconds = 0

  constructor(
    options: WriterOptions,
    from: {
      readonly end: number
      readonly nextSeq: number
      readonly nextNumber: number
      readonly routeTable: string
    },
  ) {
    this.#options = options
    this.#end = from.end
    this.#nextNumber = from.nextNumber
    this.#routeTable = from.routeTable
    this.durableSeq = from.nextSeq
  }

  /** The first segment of this run. @throws what the file system says */
  async start(): Promise<void> {
    await this.#open(this.#options.sizes.first)
  }

  /** Commits `blocks` and tells each; never throws for what a disk does. */
  async commit(blocks: readonly PendingBlock[]): Promise<void> {
    let rest = blocks
    while (rest.length > 0) {
      rest = this.#refuse(rest)
      const first = rest[0]
      if (!first) return
      if (!(await this.#hasRoom(first))) {
        if (this.pressure) first.reject(pressureError(this.pressure))
        rest = rest.slice(1)
        continue
      }
      const fitting = this.#fitting(rest)
      await this.#write(fitting)
      rest = rest.slice(fitting.length)
    }
  }

  /** Batches after this refer to `routeTable`. */
  async useRoutes(routeTable: string): Promise<void> {
    if (routeTable === this.#routeTable) return
    this.#routeTable = routeTable
    if (!this.#active) return
    await this.#closeActive(this.#active)
    await this.#openOr(this.#options.sizes.first, false)
  }

  /** Tries whether the disk works again. Called in turn with commits. */
  async probe(): Promise<void> {
    if (this.pressure && this.pressure.reason !== 'full') await this.#openOr(this.#options.sizes.first, true)
  }

  /** Whether a full journal has room again. */
  async reconsider(): Promise<void> {
    const { retainer } = this.#options
    const short = () => (this.pressure?.reason === 'full' ? this.#shortBy(this.#needed, false) : 0)
    const hasRoom = await retainer.retain(short)
    if (this.pressure?.reason !== 'full') return
    if (hasRoom || retainer.mayRemoveBelow(this.durableSeq)) this.#relieve()
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#options.segments.bytes + this.#options.spare.size
  }

  async close(seal: PendingBlock): Promise<void> {
    if (!this.pressure && (await this.#hasRoom(seal))) await this.#write([seal])
    const active = this.#active
    this.#active = null
    await active?.seal()
    await this.#options.spare.drop()
  }

  /** Rejects what may not be written now; the others are left. */
  #refuse(blocks: readonly PendingBlock[]): readonly PendingBlock[] {
    const { pressure } = this
    return blocks.filter((block) => {
      const pressed = pressure !== null && !(block.reserve && pressure.reason === 'full')
      if (!pressed && !block.order?.broken) return true
      block.reject(pressed ? pressureError(pressure) : outOfOrder())
      return false
    })
  }

  /** Room for one block in the active segment, which may become a new one. */
  async #hasRoom(block: PendingBlock): Promise<boolean> {
    const length = SegmentWriter.lengthOf(block)
    if (this.#active && this.#active.room >= length) return true
    const { sizes, retainer, streams } = this.#options
    const least = sizes.holding(segmentOverhead(streams) + length)
    const usual = sizes.after(this.#active?.segment.size ?? 0)
    const small = block.reserve ? sizes.reserve : sizes.first
    const smallest = Math.max(small, least)
    for (const size of [Math.max(usual, least), smallest]) {
      const fits = await retainer.retain(() => this.#shortBy(size, block.reserve))
      // Where nothing is left to be settled, waiting would never end: then one block may be larger than the limit.
      if (!fits && !(size === smallest && retainer.mayRemoveBelow(this.durableSeq))) continue
      if (this.#active) await this.#closeActive(this.#active)
      return await this.#openOr(size, false)
    }
    this.#needed = Math.max(sizes.first, least)
    if (!this.pressure) this.#press('full', fullMessage(this.#options, this.bytes))
    return false
  }

  #shortBy(size: number, reserve: boolean): number {
    const { sizes, segments } = this.#options
    return segments.bytes + size - (reserve ? sizes.max : sizes.max - sizes.reserved)
  }

  #fitting(blocks: readonly PendingBlock[]): readonly PendingBlock[] {
    let room = this.#active?.room ?? 0
    const end = blocks.findIndex((block) => {
      room -= SegmentWriter.lengthOf(block)
      return room < 0
    })
    return end < 0 ? blocks : blocks.slice(0, end)
  }

  async #write(blocks: readonly PendingBlock[]): Promise<void> {
    try {
      await this.#writeActive(blocks)
      return
    } catch (error) {
      this.#options.log.error({ err: error }, 'journal: commit failed; the group is written to a new segment')
      this.#press(reasonOf(error), describeFailure(error, this.#options.directory))
      await this.#abandonActive()
    }
    const { sizes, streams } = this.#options
    const length = blocks.reduce((sum, block) => sum + SegmentWriter.lengthOf(block), 0)
    const size = Math.max(sizes.first, sizes.holding(segmentOverhead(streams) + length))
    if (await this.#openOr(size, false)) {
      try {
        await this.#writeActive(blocks)
        this.#relieve()
        return
      } catch (error) {
        this.#press(reasonOf(error), describeFailure(error, this.#options.directory))
        await this.#abandonActive()
      }
    }
    const error = this.pressure ? pressureError(this.pressure) : undefined
    for (const block of blocks)
      block.reject(error ?? new AffiantError('journal_unavailable', 'not committed'))
  }

  async #writeActive(blocks: readonly PendingBlock[]): Promise<void> {
    const active = this.#active
    if (!active) throw new AffiantError('journal_unavailable', 'no segment is open')
    const { clock } = this.#options
    const started = clock.monotonic()
    const from = active.segment.end
    const writtenTime = clock.now()
    await active.commit(blocks, { firstSeq: this.durableSeq, writtenTime })
    const milliseconds = clock.monotonic() - started
    this.commits++
    this.syncMilliseconds += milliseconds
    this.#publish(active, blocks, from, writtenTime)
    const events = blocks.reduce((sum, { batch }) => sum + batch.count, 0)
    const bytes = active.segment.end - from
    this.#options.events.committed?.({ events, blocks: blocks.length, bytes, milliseconds })
    this.#prepareNext(active)
  }

  /** Everything is durable: now, and only now, it is visible and acknowledged. */
  #publish(active: SegmentWriter, blocks: readonly PendingBlock[], from: number, writtenTime: number): void {
    const { recent, streams, committed } = this.#options
    const { segment } = active
    this.#end = segment.header.base + segment.end
    const acknowledge: (() => void)[] = []
    let end = from
    for (const block of blocks) {
      const { batch, update } = block
      end += SegmentWriter.lengthOf(block)
      const firstSeq = this.durableSeq
      this.durableSeq += batch.count
      streams.apply(update)
      if (batch.count > 0) {
        const { epoch, routeTable } = segment.header
        const stored = committedBlock(batch, {
          epoch,
          routeTable,
          firstSeq,
          stream: update.stream,
          writtenTime,
        })
        recent.add({ block: stored, segment, end })
      }
      acknowledge.push(() => block.resolve({ firstSeq, count: batch.count }))
    }
    for (const tell of acknowledge) tell()
    committed.wake()
  }

  #prepareNext({ segment }: SegmentWriter): void {
    const { sizes, spare } = this.#options
    const size = sizes.after(segment.size)
    if (segment.end * 4 > segment.size && this.#shortBy(size, false) <= 0) spare.prepare(size)
  }

  async #openOr(size: number, quietly: boolean): Promise<boolean> {
    try {
      await this.#open(size)
    } catch (error) {
      if (!quietly) this.#options.log.error({ err: error }, 'journal: no new segment can be opened')
      this.#press(reasonOf(error), describeFailure(error, this.#options.directory))
      // What is settled may go, as in a full journal: it may be what the volume lacks.
      await this.#options.retainer.retain(() => size).catch(() => false)
      return false
    }
    if (this.pressure?.reason === 'failed' || this.pressure?.reason === 'disk_full') this.#relieve()
    return true
  }

  async #open(size: number): Promise<void> {
    const { fs, clock, directory, epoch, origin, spare, streams, segments } = this.#options
    const least = Math.max(size, this.#options.sizes.holding(segmentOverhead(streams)))
    const file = await spare.take(least)
    const writer = await SegmentWriter.create(fs, directory, file, streams, {
      epoch,
      origin,
      number: this.#nextNumber++,
      firstSeq: this.durableSeq,
      base: this.#end,
      created: clock.now(),
      routeTable: this.#routeTable,
    })
    segments.add(writer.segment)
    this.#active = writer
    this.#end = writer.segment.header.base + writer.segment.end
  }

  async #closeActive(active: SegmentWriter): Promise<void> {
    this.#active = null
    if (active.isEmpty) return await this.#discard(active)
    // Trimming only saves space.
    await active.seal().catch(() => active.abandon())
  }

  async #abandonActive(): Promise<void> {
    const active = this.#active
    this.#active = null
    if (!active) return
    if (active.isEmpty) await this.#discard(active)
    else await active.abandon()
  }

  /** Its successor begins where it began; should its file stay, the successor's base shows that it is empty. */
  async #discard(active: SegmentWriter): Promise<void> {
    this.#options.segments.remove(active.segment)
    this.#end = active.segment.header.base
    await active.discard().catch(() => {})
  }

  #press(reason: JournalPressure['reason'], message: string): void {
    if (this.pressure?.reason === reason) return
    this.pressure = { reason, message }
    this.#options.log.warn({ reason }, message)
  }

  #relieve(): void {
    if (!this.pressure) return
    this.#options.log.info({ reason: this.pressure.reason }, 'journal: takes batches again')
    this.pressure = null
    this.#options.room.wake()
  }
}
