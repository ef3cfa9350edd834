/** The intake in memory of all receivers' tests, with what a client's request can meet in it. */
import type { DecodedRecord, RecordChunk, TextRecord } from '../../src/event/record.ts'
import type { RecordsOptions } from '../../src/receivers/receiver.ts'
import { MemoryIntake } from './memory-intake.ts'

export class RequestIntake extends MemoryIntake {
  /** What `records` rejects with, while set. */
  refusal: Error | undefined

  /** All decoded records so far, in order. */
  get received(): DecodedRecord[] {
    return this.recordChunks.flatMap((chunk) => chunk.records).filter((record) => 'value' in record)
  }

  /** All that came as texts, in order. */
  get receivedTexts(): TextRecord[] {
    return this.recordChunks.flatMap((chunk) => chunk.records).filter((record) => 'text' in record)
  }

  override records(chunk: RecordChunk, options?: RecordsOptions) {
    if (this.refusal) return Promise.reject(this.refusal)
    // What a worker thread would be given: only plain data passes.
    return super.records(structuredClone(chunk), options)
  }
}
