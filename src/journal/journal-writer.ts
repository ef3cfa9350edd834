/**
 * The one writer. Takes groups from the queue, gives seqs in call order, and keeps one promise above all: what is
 * acknowledged was synced, and what is not can't be seen.
 *
 * A failed write or sync ends the use of that file: its pages may be gone, and another sync that succeeds would prove
 * nothing. The group is written again to a new segment. When that fails too, nothing of the group is kept, senders hear
 * so, and a new segment is tried every second until one works.
 */
import { AffiantError } from '../errors.ts'
import { ActiveSegment, type SegmentStart } from './active-segment.ts'
import type { JournalPressure } from './contract.ts'
import { fullMessage, outOfOrder, pressureError, reasonOf } from './pressure.ts'
import { PressureGauge } from './pressure-gauge.ts'
import { publish } from './publish.ts'
import { Room } from './room.ts'
import { checkPlace, whyDisplaced } from './segment-place.ts'
import { SegmentWriter, segmentOverhead } from './segment-writer.ts'
import type { PendingBlock, WriterOptions } from './writer-options.ts'

export class JournalWriter {
  readonly #options: WriterOptions
  readonly #gauge: PressureGauge
  readonly #room: Room
  readonly #active: ActiveSegment
  /** Bytes that a segment must have for what was refused last: with less there is no use in opening one. */
  #needed = 0
  #commitsAtLook = 0
  durableSeq: number
  commits = 0
  syncMilliseconds = 0

  constructor(options: WriterOptions, from: SegmentStart & { readonly nextSeq: number }) {
    this.#options = options
    this.#gauge = new PressureGauge(options)
    this.#room = new Room(options)
    this.#active = new ActiveSegment(options, from)
    this.durableSeq = from.nextSeq
  }

  get pressure(): JournalPressure | null {
    return this.#gauge.current
  }

  /**
   * The first segment of this run.
   * @param bearsFullDisk a full disk is pressure, as it is later
   * @throws what the file system says
   */
  async start(bearsFullDisk: boolean): Promise<void> {
    try {
      await this.#active.open(this.#options.sizes.first, this.durableSeq)
    } catch (error) {
      if (!bearsFullDisk || reasonOf(error) !== 'disk_full') throw error
      this.#gauge.fail(error)
      await this.#reopen()
    }
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
    if (!this.#active.useRoutes(routeTable) || !this.#active.current) return
    await this.#active.close()
    await this.#openOr(this.#options.sizes.first, false)
  }

  /**
   * Whether what is written can be found again, and the disk still answers: a journal that nothing comes to would not
   * hear of it, and one whose directory is gone would go on in files without a name. Called in turn with commits.
   */
  async look(): Promise<void> {
    const active = this.#active.current
    if (!active) return
    const { fs, log } = this.#options
    try {
      await checkPlace(fs, active.segment)
      if (this.commits === this.#commitsAtLook) await active.sync()
      this.#commitsAtLook = this.commits
    } catch (error) {
      log.error({ err: error }, 'journal: the segment that is written to is lost; another one is begun')
      this.#gauge.fail(error)
      await this.#active.abandon()
      await this.#reopen()
    }
  }

  /** Tries whether the disk works again, and ends segments by their age. Called in turn with commits. */
  async maintain(): Promise<void> {
    const { sizes, clock, settings } = this.#options
    if (this.pressure) {
      if (this.pressure.reason !== 'full') await this.#reopen()
      return
    }
    const active = this.#active.current
    if (!active || active.isEmpty) return
    if (clock.now() - active.segment.header.created < settings.rotateAfter) return
    const about = { reserve: false, active: active.segment.size, durableSeq: this.durableSeq }
    if ((await this.#room.choose([sizes.first], about)) === null) return
    await this.#active.close()
    await this.#openOr(sizes.first, false)
  }

  /** Lets go what has expired. Whether a full journal has room again, and one that is not, is above its floor. */
  async reconsider(): Promise<void> {
    const { retainer, floor, spare } = this.#options
    await floor.look()
    const isFull = () => this.pressure?.reason === 'full'
    const short = () => (isFull() ? this.#room.shortBy(this.#needed, false) : this.#room.belowFloor)
    const hasRoom = await retainer.retain(short)
    if (isFull()) {
      if (hasRoom || (this.#room.belowFloor === 0 && retainer.mayRemoveBelow(this.durableSeq))) {
        this.#gauge.relieve()
      }
    } else if (!hasRoom && !this.pressure) {
      spare.release()
      await floor.look()
      if (this.#room.belowFloor > 0) this.#pressFull(this.#options.sizes.first)
    }
  }

  /** Other settings hold from now on: what they leave no room for goes, as far as it may, and what waited for room may have it. */
  async resettle(): Promise<void> {
    const { retainer, spare, sizes } = this.#options
    if (this.pressure?.reason !== 'full') {
      // One that was made for a larger limit may be what is too much.
      if (this.bytes > sizes.max - sizes.reserved) spare.release()
      await retainer.retain(() => this.bytes - (sizes.max - sizes.reserved))
    }
    await this.reconsider()
    if (this.pressure?.reason === 'full')
      this.#gauge.restate(fullMessage(this.#options, this.bytes, this.#room.belowFloor > 0))
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#room.bytes
  }

  async close(seal: PendingBlock): Promise<void> {
    if (!this.pressure && (await this.#hasRoom(seal))) await this.#write([seal])
    await this.#active.seal()
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
    if (this.#active.room >= length) return true
    const { sizes, streams } = this.#options
    const least = sizes.holding(segmentOverhead(streams) + length)
    const usual = sizes.after(this.#active.size)
    const small = block.reserve ? sizes.reserve : sizes.first
    const size = await this.#room.choose([Math.max(usual, least), Math.max(small, least)], {
      reserve: block.reserve,
      active: this.#active.size,
      durableSeq: this.durableSeq,
    })
    if (size === null) {
      if (!this.pressure) this.#pressFull(Math.max(sizes.first, least))
      return false
    }
    await this.#active.close()
    this.#needed = least
    return await this.#openOr(size, false)
  }

  #pressFull(needed: number): void {
    this.#needed = needed
    const floorReached = this.#room.belowFloor > 0 || this.#options.floor.shortBy(needed, 0) > 0
    this.#gauge.press('full', fullMessage(this.#options, this.bytes, floorReached))
  }

  #fitting(blocks: readonly PendingBlock[]): readonly PendingBlock[] {
    let { room } = this.#active
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
      this.#gauge.fail(error)
      await this.#active.abandon()
    }
    const { sizes, streams } = this.#options
    const length = blocks.reduce((sum, block) => sum + SegmentWriter.lengthOf(block), 0)
    this.#needed = sizes.holding(segmentOverhead(streams) + length)
    const size = Math.max(sizes.first, this.#needed)
    if (await this.#openOr(size, false)) {
      try {
        await this.#writeActive(blocks)
        this.#gauge.relieve()
        return
      } catch (error) {
        this.#gauge.fail(error)
        await this.#active.abandon()
      }
    }
    const error = this.pressure ? pressureError(this.pressure) : undefined
    for (const block of blocks)
      block.reject(error ?? new AffiantError('journal_unavailable', 'not committed'))
  }

  async #writeActive(blocks: readonly PendingBlock[]): Promise<void> {
    const active = this.#active.current
    if (!active) throw new AffiantError('journal_unavailable', 'no segment is open')
    const { clock } = this.#options
    const started = clock.monotonic()
    const from = active.segment.end
    const writtenTime = clock.now()
    await active.commit(blocks, { firstSeq: this.durableSeq, writtenTime })
    const milliseconds = clock.monotonic() - started
    this.commits++
    this.syncMilliseconds += milliseconds
    const { segment } = active
    const firstSeq = this.durableSeq
    const commits = publish(this.#options, { segment, blocks, from, firstSeq, writtenTime })
    const events = commits.reduce((sum, { count }) => sum + count, 0)
    this.#active.grown(active)
    // Everything is durable: now, and only now, it is visible and acknowledged.
    this.durableSeq += events
    for (const [index, block] of blocks.entries()) block.resolve(commits[index]!)
    this.#options.committed.wake()
    const bytes = active.segment.end - from
    this.#options.events.committed?.({ events, blocks: blocks.length, bytes, milliseconds })
    this.#prepareNext(active)
  }

  #prepareNext({ segment }: SegmentWriter): void {
    const { sizes, spare } = this.#options
    const size = sizes.after(segment.size)
    if (segment.end * 4 > segment.size && this.#room.shortBy(size, false) <= 0) spare.prepare(size)
  }

  /** On a full disk a small segment is better than none. */
  async #reopen(): Promise<void> {
    const { fs, segments, sizes } = this.#options
    const displaced = await whyDisplaced(fs, segments.list())
    if (displaced !== undefined) return this.#gauge.fail(displaced)
    const { first, reserve, least } = sizes
    for (const size of [first, reserve, least]) {
      if (size < this.#needed && size !== first) continue
      if (await this.#openOr(Math.max(size, this.#needed), true)) return
      if (this.pressure?.reason !== 'disk_full') return
    }
  }

  async #openOr(size: number, quietly: boolean): Promise<boolean> {
    try {
      await this.#active.open(size, this.durableSeq)
    } catch (error) {
      if (!quietly) this.#options.log.error({ err: error }, 'journal: no new segment can be opened')
      this.#gauge.fail(error)
      // What is settled may go, as in a full journal: it may be what the volume lacks.
      if (this.pressure?.reason === 'disk_full') {
        await this.#options.retainer.retain(() => size).catch(() => false)
      }
      return false
    }
    if (this.pressure?.reason === 'failed' || this.pressure?.reason === 'disk_full') this.#gauge.relieve()
    return true
  }
}
