/**
 * A range of the journal sent once more, by the machinery that sends everything, beside the sink's own delivery: with a
 * position of its own that is forgotten afterwards, so that neither the sink's cursor nor its books move. Batches are cut
 * by size alone: the same range is cut alike each time, and has the same keys and names.
 */
import type { Clock } from '../clock.ts'
import type { Cursor, Journal } from '../journal/contract.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { Account } from './account.ts'
import { borrowed } from './borrowed-sink.ts'
import type { DeliveryNotice } from './condition.ts'
import type { Plans } from './consignment.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Delivery, DeliveryOptions } from './delivery.ts'
import { JournalRange, type MissingSeqs, noTable, type RangeSurvey, surveyRange } from './journal-range.ts'
import { createDelivery } from './loop.ts'

export interface ReplayOptions {
  /** Started. Its own delivery may go on meanwhile. */
  readonly sink: Sink
  readonly journal: Pick<Journal, 'origin' | 'read'>
  /** Seqs, both included; committed. */
  readonly from: number
  readonly to: number
  readonly select: DeliveryOptions['select']
  readonly config: DeliveryOptions['config']
  readonly deadLetters: DeadLetters
  readonly withhold?: DeliveryOptions['withhold']
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Before the names of what it leaves behind. @default `replay/<from>-<to>/` */
  readonly prefix?: string
  /** Requests that are under way when somebody ends it are waited for so long. Milliseconds. @default 5000 */
  readonly patience?: number
  /** Events became dead letters. */
  readonly lettered: (notice: Extract<DeliveryNotice, { kind: 'dead_letters' }>) => void
}

export interface ReplayProgress {
  /** Everything of the range below is done. */
  readonly settled: number
  readonly accepted: number
  readonly deadLettered: number
  /** Of the range, and passed over. */
  readonly missing: readonly MissingSeqs[]
  /** Why it waits; undefined while it goes on. */
  readonly waiting: string | undefined
}

export class Replay {
  readonly #options: ReplayOptions
  readonly #range: JournalRange
  readonly #missing: MissingSeqs[] = []
  readonly #delivery: Delivery
  readonly #cursor: { settled: number }
  #accepted = 0
  #deadLettered = 0

  constructor(options: ReplayOptions) {
    const { sink, journal, from, to, config, deadLetters, clock, random, log } = options
    this.#options = options
    this.#range = new JournalRange(journal, from, to)
    const { prefix = `replay/${from}-${to}/` } = options
    const partition = sink.partitionUnder?.(prefix) ?? sink.partition
    const cursor = passingCursor(sink.name, from)
    this.#cursor = cursor
    this.#delivery = createDelivery({
      sink: borrowed(sink, partition),
      journal: this.#range,
      cursor,
      select: (table) => this.#select(table),
      config,
      ...(sink.plan && { plans: inMemory() }),
      deadLetters,
      withhold: options.withhold,
      account: this.#account(),
      clock,
      random,
      log,
      // What is sent once more is no delivery: in the sink's own numbers it would count twice.
      metrics: createMetrics(),
      notify: (notice) => this.#note(notice),
      whole: true,
    })
  }

  /** What of the range is there, and how much of it goes to the sink. Reads all of it. */
  survey(signal: AbortSignal): Promise<RangeSurvey> {
    return surveyRange(this.#range, async (table) => (await this.#select(table)).mask, signal)
  }

  /** Resolves true once all of it is done; false when the signal ended it: what had been sent is sent, the rest is not. */
  async run(signal: AbortSignal): Promise<boolean> {
    await this.#delivery.start()
    try {
      await this.#delivery.settledThrough(this.#range.durableSeq, signal)
      return true
    } catch (error) {
      if (!signal.aborted) throw error
      return false
    } finally {
      await this.#delivery.stop(this.#options.patience ?? 5_000)
    }
  }

  get progress(): ReplayProgress {
    const { state, lastError } = this.#delivery.status()
    return {
      settled: this.#cursor.settled,
      accepted: this.#accepted,
      deadLettered: this.#deadLettered,
      missing: this.#missing,
      waiting: state === 'retrying' || state === 'held' ? lastError : undefined,
    }
  }

  #select(table: string): ReturnType<ReplayOptions['select']> {
    return table === noTable
      ? { mask: new Uint32Array(1), overrides: undefined }
      : this.#options.select(table)
  }

  #note(notice: DeliveryNotice): void {
    if (notice.kind === 'gap') this.#missing.push({ firstSeq: notice.from, lastSeq: notice.to - 1 })
    if (notice.kind === 'dead_letters') this.#options.lettered(notice)
  }

  #account(): Account {
    return {
      taken: () => {},
      repeated: () => {},
      settled: () => {},
      accepted: (events) => {
        this.#accepted += events
      },
      lettered: (seqs) => {
        this.#deadLettered += seqs.length
      },
    }
  }
}

/** A position that nobody keeps. */
function passingCursor(name: string, from: number): Cursor {
  let settled = from
  return {
    name,
    get settled() {
      return settled
    },
    get durable() {
      return settled
    },
    history: [],
    settle: (seq) => {
      settled = Math.max(settled, seq)
    },
  }
}

/** Bodies are made once for all attempts of a batch; a kill forgets them, and the same range makes the same again. */
function inMemory(): Plans {
  let next = 1
  return { found: [], add: async () => next++, taken: async () => {}, done: async () => {} }
}
