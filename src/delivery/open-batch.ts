/** A batch that is being filled. */
import type { DeliveryBatch } from '../sinks/sink.ts'
import { makeBatch } from './batch.ts'
import type { OutputLines } from './output-lines.ts'
import type { PlannedCut } from './planned-cut.ts'
import { Remainder } from './remainder.ts'
import type { OpenRange } from './settle.ts'

/** A batch, and the range that settles with it. */
export interface CutBatch {
  readonly batch: DeliveryBatch
  readonly range: OpenRange
  readonly remainder: Remainder
  /** These events may not be sent as their route says. */
  readonly refusal: string | undefined
  /** How it was fixed by an earlier run. */
  readonly planned: PlannedCut | undefined
}

export interface OpenBatch {
  /** Of its partition, refusal or plan. */
  readonly key: string
  readonly origin: string
  readonly epoch: number
  readonly partition: string
  readonly refusal: string | undefined
  readonly planned: PlannedCut | undefined
  readonly lines: OutputLines
  readonly range: OpenRange
  /** When it got its first event, `clock.monotonic`. */
  readonly begun: number
}

export function cutOf({ origin, epoch, partition, lines, range, refusal, planned }: OpenBatch): CutBatch {
  const batch = makeBatch({ origin, epoch, partition, ...lines.take() })
  return { batch, range, remainder: new Remainder(batch.seqs), refusal, planned }
}
