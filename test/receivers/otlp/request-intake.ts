/** The intake in memory of all receivers' tests, with what a client's request can meet in it. */
import type { DecodedRecord, RecordChunk } from '../../../src/event/record.ts'
import { MemoryIntake } from '../memory-intake.ts'

export class RequestIntake extends MemoryIntake {
  /** What `records` rejects with, while set. */
  refusal: Error | undefined

  /** All records so far, in order. */
  get received(): DecodedRecord[] {
    return this.recordChunks.flatMap((chunk) => chunk.records)
  }

  override records(chunk: RecordChunk) {
    if (this.refusal) return Promise.reject(this.refusal)
    // What a worker thread would be given: only plain data passes.
    return super.records(structuredClone(chunk))
  }
}
