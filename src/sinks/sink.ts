/** What every sink is: three small verbs. Retry, batching and cursors are delivery's, and a sink knows none of them. */

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
  /** Derived from the events alone, so the same batch keeps it in every attempt: for `Idempotency-Key`. */
  readonly key: string
}

/** What the destination said; see delivery's table. */
export type Outcome =
  | {
      readonly kind: 'accepted'
      /** No byte of the batch is used any more, not by a socket either: its buffer may be written again. */
      readonly released?: true
    }
  /** A fault that passes: try again, not before `retryAfter` milliseconds where the destination says so. */
  | { readonly kind: 'later'; readonly reason: string; readonly retryAfter?: number }
  /** A configuration is wrong, ours or theirs: keep trying slowly, and alarm. */
  | { readonly kind: 'held'; readonly reason: string }
  /** These data are at fault. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface Sink {
  readonly name: string
  readonly type: string
  /** For the start-up banner: `out/events.ndjson`, `terminal`, a URL without credentials. */
  readonly target: string
  /** Opens what it needs; rejects with a clear error when the configuration can never work. */
  start(): Promise<void>
  /** Encodes and sends one batch. Faults of the destination are outcomes, never exceptions. */
  deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome>
  stop(): Promise<void>
}
