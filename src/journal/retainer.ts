/** Removes segments when retention says so, and tells who missed what. */
import type { Clock } from '../clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { JournalConfig } from './config.ts'
import type { Cursors } from './cursors.ts'
import type { FileSystem } from './fs-port.ts'
import type { JournalEvents } from './journal-events.ts'
import { decideRetention, type RetentionAnswer } from './retention.ts'
import type { Segment } from './segment.ts'
import type { SegmentSet } from './segment-set.ts'

export interface RetainerOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly config: Pick<JournalConfig, 'keep' | 'on_full'>
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
    const { config, cursors } = this.#options
    return config.on_full === 'drop_oldest' || cursors.requiredFrom() >= seq
  }

  async #retain(shortBy: number): Promise<boolean> {
    const { segments, cursors, clock, config } = this.#options
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
      keep: config.keep,
      onFull: config.on_full,
    })
    if (answer.remove > 0) await this.#remove(list, answer)
    return answer.room
  }

  async #remove(list: readonly Segment[], { remove }: RetentionAnswer): Promise<void> {
    const { segments, fs, log } = this.#options
    for (const segment of list.slice(0, remove)) {
      segments.remove(segment)
      // One that can't be removed is found again, and goes, at the next start.
      await fs.remove(segment.path).catch((error) => log.warn({ err: error }, 'journal: segment not removed'))
    }
    this.#tell(list[remove]!.header.firstSeq)
    log.debug({ segments: remove, firstSeq: segments.firstSeq }, 'journal segments expired')
  }

  /** Everything below `firstSeq` is gone. */
  #tell(firstSeq: number): void {
    const { cursors, events, log } = this.#options
    const missed = cursors.expire(firstSeq)
    const needed = missed.filter(({ required }) => required)
    if (needed.length > 0) {
      const sinks = needed.map(({ name }) => name)
      const from = Math.min(...needed.map((cursor) => cursor.firstSeq))
      log.warn({ firstSeq: from, lastSeq: firstSeq - 1, sinks }, 'journal full: oldest events dropped')
      events.dropped?.({ firstSeq: from, lastSeq: firstSeq - 1, sinks })
    }
    for (const { name, firstSeq: from, required } of missed) {
      if (!required) events.gap?.({ sink: name, firstSeq: from, lastSeq: firstSeq - 1 })
    }
  }
}
