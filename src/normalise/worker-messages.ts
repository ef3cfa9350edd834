/** What the pool and its worker threads say to each other. */
import type { LineChunk, RecordChunk } from '../event/record.ts'
import type { NormalisedBatch, NormaliserSpec } from './contract.ts'

/** How often a thread looks at the files of enrichers, milliseconds. */
export const filesEvery = 5_000

export interface WorkerData {
  readonly specs: readonly NormaliserSpec[]
}

/** One chunk for one receiver's normaliser. */
export type Job = { readonly id: number; readonly receiver: string } & (
  | { readonly lines: LineChunk }
  | { readonly records: RecordChunk }
)

export type Answer =
  | { readonly ready: true }
  | { readonly id: number; readonly batch: NormalisedBatch }
  | { readonly id: number; readonly error: string }
