/**
 * Messages that came and could not be kept: syslog has no way to say that to the sender, so it is counted, logged and put on
 * record, summed up where it goes on.
 */
import type { Clock } from '../../clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { LossReason, Notify } from '../server/notice.ts'

/** Milliseconds. */
const tellEvery = 10_000

export interface LossesOptions {
  readonly receiver: string
  readonly listen: () => string
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
}

export class Losses {
  readonly #options: LossesOptions
  readonly #untold = new Map<LossReason, number>()
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(options: LossesOptions) {
    this.#options = options
  }

  add(reason: LossReason, messages: number): void {
    const { receiver, metrics } = this.#options
    metrics.messagesLost.inc({ receiver, reason }, messages)
    this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + messages)
  }

  /** Tells what there is, once in a while; at the end at once. */
  tell(atOnce = false): void {
    const { receiver, listen, log, clock, notify } = this.#options
    if (this.#untold.size === 0 || (!atOnce && clock.monotonic() - this.#toldAt < tellEvery)) return
    this.#toldAt = clock.monotonic()
    for (const [reason, messages] of this.#untold) {
      log.error({ listen: listen(), reason, messages }, 'messages were lost')
      notify({ kind: 'messages_lost', receiver, listen: listen(), reason, messages })
    }
    this.#untold.clear()
  }
}
