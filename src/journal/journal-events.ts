/** What a journal tells its owner as it happens: for metrics, logs, the books and the agent's own events. */
import type { EncodedBatch, StreamUpdate } from '../event/batch.ts'
import type { DamagedSeqs } from './contract.ts'

export interface JournalEvents {
  /** One group is durable. */
  committed?(commit: {
    readonly events: number
    readonly blocks: number
    readonly bytes: number
    readonly milliseconds: number
  }): void
  /** One block is durable, and no reader has seen it yet: `batch` and `update` as they were appended. In seq order. */
  block?(batch: EncodedBatch, update: StreamUpdate, firstSeq: number): void
  /** Damage below the durable end, found while reading. Each seq is told once, restarts included. */
  damaged?(damage: DamagedSeqs): void
  /** `on_full: drop_oldest` or `max_age` removed events that `sinks` still needed. */
  dropped?(drop: SeqRange & { readonly sinks: readonly string[]; readonly reason: 'full' | 'age' }): void
  /** Events expired before a sink with `required: false` had settled them. */
  gap?(gap: SeqRange & { readonly sink: string }): void
}

interface SeqRange {
  readonly firstSeq: number
  readonly lastSeq: number
}
