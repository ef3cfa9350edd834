/** Removes segments when retention says so, and tells who missed what. */
import type { Clock } from '../clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Cursors } from './cursors.ts'
import type { FileSystem } from './fs-port.ts'
import type { JournalEvents } from './journal-events.ts'
import { decideRetention } from './retention.ts'
import type { Segment } from './segment.ts'
import type { SegmentSet } from './segment-set.ts'
import type { JournalSettings } from './settings.ts'

export interface RetainerOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly settings: { readonly current: Pick<JournalSettings, 'keep' | 'max_age' | 'on_full'> }
  readonly segments: SegmentSet
  readonly cursors: Cursors
  readonly events: JournalEvents
}

export class Retainer {
  readonly #options: RetainerOptions
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: RetainerOptions) {
    this.#options = options
  }

  /**
   * Removes what may go; whether `shortBy` bytes are free then. One call at a time, in call order.
   * @param shortBy asked when its turn comes
   */
  retain(shortBy: () => number): Promise<boolean> {
    const turn = this.#last.catch(() => {}).then(() => this.#retain(shortBy()))
    this.#last = turn
    return turn
  }

  /** Whether nobody who counts needs anything below `seq`. The segment being written goes once it has a successor. */
  mayRemoveBelow(seq: number): boolean {
    const { settings, cursors } = this.#options
    return settings.current.on_full === 'drop_oldest' || cursors.requiredFrom() >= seq
  }

  async #retain(shortBy: number): Promise<boolean> {
    const { segments, cursors, clock, settings } = this.#options
    const { keep, max_age: maxAge, on_full: onFull } = settings.current
    const list = [...segments.list()]
    const answer = decideRetention({
      segments: list.slice(0, -1).map((segment, index) => ({
        nextSeq: list[index + 1]!.header.firstSeq,
        bytes: segment.size,
        sealed: list[index + 1]!.header.created,
      })),
      shortBy,
      settled: cursors.requiredFrom(),
      now: clock.now(),
      keep,
      maxAge,
      onFull,
    })
    if (answer.remove === 0) return answer.room
    // A cursor on disk that is behind what is kept would look like a gap. On a full disk it must not keep space taken.
    await cursors.flush().catch(() => {})
    const removed = await this.#remove(list.slice(0, answer.remove))
    if (removed > 0) {
      this.#tell(list[removed]!.header.firstSeq, shortBy > 0 ? 'full' : 'age')
      // What was dropped is no gap for the next start to find; and a full disk may have room for this only now.
      await cursors.flush().catch(() => {})
    }
    return answer.room && removed === answer.remove
  }

  /** How many of `going` went: from the oldest on, none after one that can't be removed. */
  async #remove(going: readonly Segment[]): Promise<number> {
    const { segments, fs, log } = this.#options
    for (const [index, segment] of going.entries()) {
      // First, so that a reader that comes too late knows why.
      segment.removed = true
      try {
        await fs.remove(segment.path)
      } catch (error) {
        segment.removed = false
        log.warn({ err: error, segment: segment.path }, 'journal: segment not removed; trying again')
        return index
      }
      segments.remove(segment)
    }
    log.debug({ segments: going.length, firstSeq: segments.firstSeq }, 'journal segments expired')
    return going.length
  }

  /** Everything below `firstSeq` is gone. */
  #tell(firstSeq: number, reason: 'full' | 'age'): void {
    const { cursors, events, log } = this.#options
    const missed = cursors.expire(firstSeq)
    const needed = missed.filter(({ required }) => required)
    if (needed.length > 0) {
      const sinks = needed.map(({ name }) => name)
      const from = Math.min(...needed.map((cursor) => cursor.firstSeq))
      const drop = { firstSeq: from, lastSeq: firstSeq - 1, sinks, reason }
      log.warn(drop, `journal: oldest events dropped (${reason === 'full' ? 'on_full' : 'max_age'})`)
      events.dropped?.(drop)
    }
    for (const { name, firstSeq: from, required } of missed) {
      if (!required) events.gap?.({ sink: name, firstSeq: from, lastSeq: firstSeq - 1 })
    }
  }
}
