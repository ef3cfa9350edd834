/** What a journal tells its owner as it happens: for metrics, logs and the agent's own events. */

export interface JournalEvents {
  /** One group is durable. */
  committed?(commit: {
    readonly events: number
    readonly blocks: number
    readonly bytes: number
    readonly milliseconds: number
  }): void
  /** Damage below the durable end, found while reading. Each place is reported once in a run. */
  damaged?(damage: { readonly firstSeq: number; readonly lastSeq: number; readonly file: string }): void
  /** `on_full: drop_oldest` removed events that `sinks` still needed. */
  dropped?(drop: SeqRange & { readonly sinks: readonly string[] }): void
  /** Events expired before a sink with `required: false` had settled them. */
  gap?(gap: SeqRange & { readonly sink: string }): void
}

interface SeqRange {
  readonly firstSeq: number
  readonly lastSeq: number
}
