/** What a sink's delivery is to those that run it, and what it is made of. */
import type { Clock } from '../clock.ts'
import type { Cursor, Journal } from '../journal/contract.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Account } from './account.ts'
import type { DeliveryNotice } from './condition.ts'
import type { DeliveryConfig } from './config.ts'
import type { Plans } from './consignment.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { SourceOptions } from './source.ts'
import type { DeliveryStatus } from './status.ts'
import type { TargetsOptions } from './targets.ts'
import type { Unsettled } from './unsettled.ts'

export interface DeliveryOptions {
  readonly sink: Sink
  readonly journal: Pick<Journal, 'origin' | 'durableSeq' | 'read'>
  readonly cursor: Cursor
  readonly select: SourceOptions['select']
  readonly config: Pick<DeliveryConfig, 'batch' | 'concurrency' | 'retry'>
  /** Where batches are fixed before their first attempt; absent for sinks that have no plans. */
  readonly plans?: Plans
  readonly deadLetters: DeadLetters
  readonly clock: Clock
  /** `[0, 1)`. */
  readonly random: () => number
  readonly log: Log
  readonly metrics: Metrics
  readonly notify?: (notice: DeliveryNotice) => void
  /** Why an event becomes a dead letter, unsent; undefined of those that are sent. */
  readonly withhold?: TargetsOptions['withhold']
  /** Keeps the books. */
  readonly account?: Account
  /**
   * Only size cuts batches, never time, and none is sent unfinished at the stop: the same events are always cut alike. The
   * journal must end.
   */
  readonly whole?: boolean
}

export interface Delivery {
  /** Starts the sink, then the loop; rejects as the sink does. */
  start(): Promise<void>
  /**
   * Takes nothing new, sends what is cut, waits for answers for up to `milliseconds`, then stops the sink. What is
   * unsettled then comes again after the next start. Idempotent.
   */
  stop(milliseconds: number): Promise<void>
  status(): DeliveryStatus
  /** What it has not settled, to the event; after its stop too. */
  unsettled(): Unsettled
  /** Resolves once everything below `seq` is settled; rejects with the signal's reason. */
  settledThrough(seq: number, signal: AbortSignal): Promise<void>
}
