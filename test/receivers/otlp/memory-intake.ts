/** An intake that keeps what it is given, and whose journal can be full, slow or broken. */
import type { DecodedRecord, RecordChunk, StreamContext } from '../../../src/event/record.ts'
import type { Intake } from '../../../src/receivers/receiver.ts'

export class MemoryIntake implements Intake {
  readonly chunks: RecordChunk[] = []
  readonly opened: { stream: StreamContext; metadata: Readonly<Record<string, unknown>> }[] = []
  full: { message: string } | null = null
  /** What `records` rejects with, while set. */
  refusal: Error | undefined
  /** What a commit waits for, while set. */
  disk: Promise<void> | undefined
  /** Chunks handed in and not committed yet. */
  waiting = 0
  private seq = 0

  /** All records so far, in order. */
  get received(): DecodedRecord[] {
    return this.chunks.flatMap((chunk) => chunk.records)
  }

  lines(): Promise<never> {
    return Promise.reject(new Error('an OTLP receiver has no lines'))
  }

  updateStream(): Promise<never> {
    return Promise.reject(new Error('an OTLP receiver has no positions'))
  }

  async openStream(
    stream: StreamContext,
    { metadata }: { readonly metadata: Readonly<Record<string, unknown>> },
  ) {
    this.opened.push({ stream, metadata })
    return { firstSeq: this.seq++, count: 1 }
  }

  async records(chunk: RecordChunk) {
    if (this.refusal) throw this.refusal
    this.waiting++
    await this.disk
    this.waiting--
    // What a worker thread would be given: only plain data passes.
    this.chunks.push(structuredClone(chunk))
    const count = chunk.records.length
    const firstSeq = this.seq
    this.seq += count
    return { firstSeq, count, records: count, skipped: 0, unparsed: 0, incomplete: 0 }
  }

  pressure() {
    return this.full
  }
}
