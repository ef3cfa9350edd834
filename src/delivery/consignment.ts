/** One batch under way: what is known of it, and what it takes to get it settled. */

import type { BufferPool } from '../buffer-pool.ts'
import type { Clock } from '../clock.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Account } from './account.ts'
import type { RetryLimits } from './backoff.ts'
import type { BatchSize } from './batch-size.ts'
import type { Condition, DeliveryNotice } from './condition.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Evidence } from './evidence.ts'
import type { Partitions } from './partitions.ts'
import type { PlanLog } from './plan-log.ts'
import type { Remainder } from './remainder.ts'

/** What delivery needs of a plan log. */
export type Plans = Pick<PlanLog, 'found' | 'add' | 'taken' | 'done'>

export interface SenderOptions {
  readonly sink: Sink
  readonly retry: RetryLimits
  readonly deadLetters: DeadLetters
  readonly evidence: Evidence
  readonly partitions: Partitions
  readonly size: BatchSize
  /** Takes the buffers of settled batches. */
  readonly pool: BufferPool
  readonly condition: Condition
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly metrics: Metrics
  readonly notify: (notice: DeliveryNotice) => void
  readonly account?: Account | undefined
  /** Where batches are fixed before their first attempt; absent for sinks that have no plans. */
  readonly plans?: Plans | undefined
  /** Called when an attempt has ended. `begun`: `clock.monotonic`. */
  readonly attempted: (outcome: Outcome, begun: number) => void
  /** One batch at a time: events of a partition arrive in the order of the journal. */
  readonly ordered: boolean
  /** All that may be under way is held. */
  readonly stuck: () => boolean
  /** Called when this batch began to wait. */
  readonly waiting: () => void
  /** Ends requests. */
  readonly sending: AbortSignal
  /** Ends waiting: what is not accepted now stays unsettled. */
  readonly patience: AbortSignal
}

/** What is known of one batch. */
export interface Consignment {
  readonly batch: DeliveryBatch
  readonly remainder: Remainder
  /** What its plan is called; undefined where the sink has none. */
  readonly id: number | undefined
  attempts: number
  /** Events of it that were accepted. */
  accepted: number
  /** When the destination first refused some of it, `clock.monotonic`. */
  refusedAt: number | undefined
  /** Set once a part of it was struck: from then on, `held` is taken as a word about the data. */
  suspect: boolean
}
