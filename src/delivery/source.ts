/** The journal as one sink sees it: committed blocks in order with the sink's mask, whatever goes wrong with reading. */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { CommittedBlock, Journal, JournalReader } from '../journal/contract.ts'
import type { Log } from '../telemetry/log.ts'
import { laterDelay, type RetryLimits } from './backoff.ts'
import type { Condition, DeliveryNotice } from './condition.ts'
import type { OverrideSource } from './targets.ts'

/** Which events of a route table go to this sink, and what their routes set for it. */
interface Selection {
  /** Bit i of word w = route `32 * w + i`. */
  readonly mask: Uint32Array
  readonly overrides: OverrideSource | undefined
}

export interface SourceOptions {
  readonly sink: string
  readonly journal: Pick<Journal, 'read'>
  readonly select: (routeTable: string) => Selection | Promise<Selection>
  readonly retry: RetryLimits
  readonly condition: Condition
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly notify: (notice: DeliveryNotice) => void
  readonly signal: AbortSignal
}

export interface SourceBlock {
  readonly block: CommittedBlock
  /** Which routes of the block's table name this sink. */
  readonly mask: Uint32Array
  readonly overrides: OverrideSource | undefined
}

/** Waits for a journal that cannot say when there is more grow no longer than for this many failures. */
const WATCH_ATTEMPT = 3

export class Source {
  /** Set while the journal is known to have no more. */
  caughtUp = false
  readonly #options: SourceOptions
  #reader: JournalReader
  #watching = false

  constructor(seq: number, options: SourceOptions) {
    this.#options = options
    this.#reader = options.journal.read(seq)
  }

  /**
   * The next block that reaches `position` or beyond, or null when there is none (or the signal aborts). The one before
   * is used up by then. Errors of reading are said and retried: stepping over what cannot be read would be loss.
   */
  async next(position: number): Promise<SourceBlock | null> {
    const { journal, condition, clock, random, retry, signal } = this.#options
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const found = await this.#read(position)
        condition.clear(this)
        return found
      } catch (thrown) {
        if (signal.aborted) return null
        this.#report(asError(thrown))
        await Promise.resolve(this.#reader[Symbol.asyncDispose]()).catch(() => undefined)
        await clock.sleep(laterDelay(attempt, retry, random), signal).catch(() => undefined)
        this.#reader = journal.read(position)
      }
    }
    return null
  }

  /** Calls `ready` once `next` is worth another try; once for any number of calls before. */
  watch(ready: () => void): void {
    if (!this.caughtUp || this.#watching) return
    this.#watching = true
    const worthATry = () => {
      this.#watching = false
      this.caughtUp = false
      ready()
    }
    const { clock, retry, random, signal } = this.#options
    this.#reader.waitForMore(signal).then(worthATry, () => {
      if (signal.aborted) return worthATry()
      // A reader that fails here may say nothing in `next`: without a pause the two would ask each other for ever.
      return clock.sleep(laterDelay(WATCH_ATTEMPT, retry, random), signal).then(worthATry, worthATry)
    })
  }

  async close(): Promise<void> {
    await this.#reader[Symbol.asyncDispose]()
  }

  async #read(position: number): Promise<SourceBlock | null> {
    const { sink, select, log, notify } = this.#options
    for (;;) {
      this.#reader.release()
      const block = await this.#reader.next()
      if (block === null) {
        this.caughtUp = true
        return null
      }
      if (block.firstSeq + block.count <= position) continue
      const { mask, overrides } = await select(block.routeTable)
      if (block.firstSeq > position) {
        const gap = { sink, from: position, to: block.firstSeq }
        log.error(gap, `events ${position}–${block.firstSeq - 1} were gone before sink ${sink} had them`)
        notify({ kind: 'gap', ...gap })
      }
      return { block, mask, overrides }
    }
  }

  #report({ message, stack }: Error): void {
    const { sink, log, condition } = this.#options
    log.error({ sink, stack }, `sink ${sink} cannot read the journal: ${message}`)
    condition.trouble(this, 'retrying', `the journal cannot be read: ${message}`)
  }
}
