/** What every sink is: three small verbs. Retry, batching and cursors are delivery's, and a sink knows none of them. */

import type { Overrides } from '../routing/overrides.ts'

export type { Overrides }

/** Events on their way out. */
export interface DeliveryBatch {
  /** `affiant/<agent id>/<epoch>`. */
  readonly origin: string
  readonly epoch: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly count: number
  /** Output lines: canonical bytes with `raw_data` and `log` spliced in, each followed by `\n`. */
  readonly lines: Buffer
  /** Bytes of each line, without the newline. */
  readonly lengths: Uint32Array
  /** seq of each event. */
  readonly seqs: Float64Array
  /** Derived from the events (and their partition) alone, so the same batch keeps it in every attempt: for `Idempotency-Key`. */
  readonly key: string
  /** What its events share, as the sink's partitioner said; '' where the sink has none. */
  readonly partition: string
  /** What the sink's `plan` said of it, before the first attempt; the same after a restart. */
  readonly plan?: BatchPlan
}

/** What is fixed before the first attempt of a batch, and outlives the process. */
export interface BatchPlan {
  /** JSON. What it means is the sink's affair. */
  readonly detail: unknown
  /** The encoded body, where it must be the same bytes in every attempt. */
  readonly body?: Buffer
}

/** One event on its way into a batch, read only as far as a partitioner asks. */
export interface EventView {
  /** Its canonical bytes are `payload.subarray(start, end)`. */
  readonly payload: Buffer
  readonly start: number
  readonly end: number
  /** Parsed when it is asked for. */
  readonly event: Readonly<Record<string, unknown>>
}

/** An event that this sink may not send as its route says: it becomes a dead letter, unsent. */
export class Unroutable {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/**
 * Says what events must share to travel in one batch: a token, an object's name. Pure: the same event gives the same
 * partition. The text is the sink's own (mostly canonical JSON), and comes back as `batch.partition`.
 */
export type Partitioner = (view: EventView, overrides: Overrides | undefined) => string | Unroutable

/** What the destination said; see delivery's table. */
export type Outcome =
  | {
      readonly kind: 'accepted'
      /** No byte of the batch is used any more, not by a socket either: its buffer may be written again. */
      readonly released?: true
      /** Only the first so many; the rest has not been asked about, and can be at once. */
      readonly taken?: number
    }
  /** A fault that passes: try again, not before `retryAfter` milliseconds where the destination says so. */
  | {
      readonly kind: 'later'
      readonly reason: string
      readonly retryAfter?: number
      /** The destination has too much to do (429, 503, no answer in time): send less at once. */
      readonly overloaded?: true
      readonly taken?: number
    }
  /** A configuration is wrong, ours or theirs: keep trying slowly, and alarm. */
  | {
      readonly kind: 'held'
      readonly reason: string
      /** It concerns what shares this batch's partition (a wrong index, a token), not the whole sink. */
      readonly partition?: true
      readonly taken?: number
    }
  /** These data are at fault. */
  | {
      readonly kind: 'refused'
      readonly reason: string
      /**
       * `single`: only the event behind those taken is at fault, and nothing is known of the rest. `some`: the
       * destination took some of them for good and does not say which, so none may be sent again: all become dead
       * letters. Absent: which ones is found by halving.
       */
      readonly which?: 'single' | 'some'
      /** With `single`: the one at fault, where those before it are not known to be taken. */
      readonly at?: number
      /** It is the size of the whole that is minded: smaller batches are better from now on. */
      readonly tooLarge?: true
      readonly taken?: number
    }

/**
 * `taken`, where an outcome has it: the first so many events of the batch were accepted all the same, and do not come
 * again. 0 by default; all of it where the outcome is `accepted`.
 */

/** One of a sink's endpoints, as its operator sees it. */
export interface EndpointStatus {
  /** Without credentials and query. */
  readonly url: string
  /** open: not asked for now; half_open: one request tries it. */
  readonly circuit: 'closed' | 'open' | 'half_open'
  readonly lastError: string | undefined
}

export interface Sink {
  readonly name: string
  readonly type: string
  /** For the start-up banner: `out/events.ndjson`, `terminal`, a URL without credentials. */
  readonly target: string
  /** Absent: any events may share a batch. */
  readonly partition?: Partitioner
  /**
   * Where a batch leaves a name behind: the partitioner with `prefix` before every name, so that what is sent once more, in
   * another cut, does not lie among what was sent first.
   */
  partitionUnder?(prefix: string): Partitioner
  /**
   * What is kept of a batch while it is under way, so that a restart sends it again in the same cut: `cut`: which events;
   * `body`: also what `plan` says, its encoded bytes included. Absent: nothing.
   */
  readonly plans?: 'cut' | 'body'
  /**
   * Encodes a batch, before its first attempt; with `plans: 'body'` only. `before`: the detail of a plan whose bytes are
   * gone. It may have been sent: what it is called must stay.
   */
  plan?(batch: DeliveryBatch, before?: unknown): Promise<BatchPlan>
  /** Its endpoints, where it has circuits for them. */
  endpoints?(): readonly EndpointStatus[]
  /** Opens what it needs; rejects with a clear error when the configuration can never work. */
  start(): Promise<void>
  /**
   * After `start`: what the journal `origin` has from this seq on comes next, and some of it may have come before (a kill
   * leaves the cursor behind). A sink that can see what its destination has need not send that again. Never rejects.
   */
  resume?(from: { readonly origin: string; readonly from: number }): Promise<void>
  /** Encodes and sends one batch. Faults of the destination are outcomes, never exceptions. */
  deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome>
  stop(): Promise<void>
}
