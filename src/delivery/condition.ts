/** What a sink's operator sees: its state, its last error, what it is behind. Said once per change. */
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export type SinkState = 'ok' | 'retrying' | 'held' | 'stopped'

/** What the agent may record as an event of its own. */
export type DeliveryNotice =
  | { readonly kind: 'held'; readonly sink: string; readonly reason: string }
  | { readonly kind: 'resumed'; readonly sink: string }
  | {
      readonly kind: 'dead_letters'
      readonly sink: string
      readonly count: number
      readonly firstSeq: number
      readonly lastSeq: number
      readonly reason: string
    }
  /** Events `[from, to)` left the journal before this sink had settled them. */
  | { readonly kind: 'gap'; readonly sink: string; readonly from: number; readonly to: number }

interface Kind {
  /** Of nothing but the agent's own events. */
  readonly own?: boolean
  /** A few events were refused, and whether they or the configuration are at fault only others can show. */
  readonly doubt?: boolean
}

interface Trouble extends Kind {
  readonly kind: 'retrying' | 'held'
}

export class Condition {
  lastError: string | undefined
  /** Batches that are held right now. */
  heldCount = 0
  /** Of those, the ones that wait for another event to show what is wrong. */
  doubtCount = 0
  #state: SinkState = 'ok'
  /** Whether the agent has heard that this sink is held. */
  #told = false
  #stopping = false
  readonly #troubled = new Map<object, Trouble>()
  readonly #alarms = new Map<string, string>()
  readonly #sink: string
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #notify: (notice: DeliveryNotice) => void

  constructor(sink: string, log: Log, metrics: Metrics, notify: (notice: DeliveryNotice) => void) {
    this.#sink = sink
    this.#log = log
    this.#metrics = metrics
    this.#notify = notify
    metrics.sinkHeld.set({ sink }, 0)
  }

  get state(): SinkState {
    return this.#state
  }

  /**
   * `what` (a batch, the reader) has trouble of this kind. Trouble that only own events have (`own`) shows like any
   * other, but makes no event.
   */
  trouble(what: object, kind: 'retrying' | 'held', reason: string, more: Kind = {}): void {
    this.lastError = reason
    this.#troubled.set(what, { kind, ...more })
    this.#update(reason)
  }

  /** `what` is over its trouble, or gone. */
  clear(what: object): void {
    if (this.#troubled.delete(what)) this.#update('')
  }

  /** A partition of the sink is at fault: its events become dead letters, and that must be seen until it is put right. */
  alarm(partition: string, reason: string): void {
    this.#alarms.set(partition, reason)
    this.lastError = reason
    this.#update(reason)
  }

  /** The partition is taken again. */
  calm(partition: string): void {
    if (this.#alarms.delete(partition)) this.#update('')
  }

  /** From now on trouble ends because nobody tries any more: that is no news of the destination. */
  stopping(): void {
    this.#stopping = true
  }

  stopped(): void {
    this.#state = 'stopped'
  }

  #update(reason: string): void {
    if (this.#state === 'stopped') return
    this.heldCount = 0
    this.doubtCount = 0
    let tell = this.#alarms.size > 0
    for (const { kind, own, doubt } of this.#troubled.values()) {
      if (kind !== 'held') continue
      this.heldCount++
      if (doubt) this.doubtCount++
      tell ||= !own
    }
    const next =
      this.heldCount > 0 || this.#alarms.size > 0 ? 'held' : this.#troubled.size > 0 ? 'retrying' : 'ok'
    const previous = this.#state
    if (this.#stopping && next !== 'held') return
    const sink = this.#sink
    if (tell && !this.#told) {
      this.#told = true
      this.#notify({ kind: 'held', sink, reason })
    } else if (this.#told && next !== 'held') {
      this.#told = false
      this.#notify({ kind: 'resumed', sink })
    }
    if (next === previous) return
    this.#state = next
    if (next === 'held') {
      this.#log.error(
        { sink, reason },
        `sink ${sink} is held: ${reason}; nothing is lost, it is tried on slowly`,
      )
    }
    if (next === 'retrying') {
      this.#log.warn({ sink, reason: this.lastError }, `sink ${sink} is retried: ${this.lastError}`)
    }
    if (next === 'ok') this.#log.info({ sink }, `sink ${sink} takes events again`)
    this.#metrics.sinkHeld.set({ sink }, next === 'held' ? 1 : 0)
  }
}
