/**
 * An intake that keeps what it is given in memory, with the promises of the real one: chunks of a stream commit in
 * call order, lines wait under pressure, records are refused under pressure. Tests decide when it commits.
 */
import { hash } from 'node:crypto'
import { AffiantError } from '../../src/errors.ts'
import type { Commit, StreamPosition, StreamUpdate } from '../../src/event/batch.ts'
import {
  decodedRecord,
  type LineChunk,
  type RecordChunk,
  type StreamContext,
} from '../../src/event/record.ts'
import type {
  Intake,
  KnownStream,
  Receipt,
  RecordsOptions,
  Repeats,
  StreamNote,
} from '../../src/receivers/receiver.ts'

export interface CommittedLine {
  readonly stream: string
  readonly offset: number
  readonly bytes: Buffer
  readonly oversize?: { readonly size: number; readonly sha256: string }
}

export class MemoryIntake implements Intake {
  /** In commit order. */
  readonly lineChunks: LineChunk[] = []
  readonly recordChunks: RecordChunk[] = []
  readonly opened: {
    readonly stream: StreamContext
    readonly metadata: Readonly<Record<string, unknown>>
  }[] = []
  readonly notes: ({ readonly stream: string } & StreamNote)[] = []
  readonly updates: StreamUpdate[] = []
  readonly repeats: Repeats[] = []
  /** What happened, in commit order. */
  readonly journal: {
    readonly kind: 'open' | 'note' | 'update' | 'lines' | 'records'
    readonly stream: string
  }[] = []
  /** What a restart would know. */
  readonly #streams = new Map<string, { descriptor: Uint8Array; position: StreamPosition }>()
  readonly forgotten: string[] = []
  /** Positions that went back: none may. */
  readonly faults: string[] = []
  /** Bytes handed in and not committed. */
  inFlight = 0
  /** Calls that are not answered yet. */
  pending = 0
  peakInFlight = 0
  #seq = 0
  #pressure: string | null = null
  #held = false
  #failures = 0
  readonly #waiting = new Set<() => void>()
  readonly #last = new Map<string, Promise<unknown>>()

  pressure(): { readonly message: string } | null {
    return this.#pressure === null ? null : { message: this.#pressure }
  }

  /** The journal is full: nothing is taken until `relieve`. */
  press(message = 'the journal is full'): void {
    this.#pressure = message
  }

  /** The disk is slow: what is handed in commits only after `relieve`. */
  hold(): void {
    this.#held = true
  }

  relieve(): void {
    this.#pressure = null
    this.#held = false
    for (const resume of this.#waiting) resume()
  }

  /** The next `count` commits of lines fail, as a defect would make them. */
  failNext(count: number): void {
    this.#failures = count
  }

  known(): KnownStream[] {
    return [...this.#streams].map(([id, { descriptor, position }]) => ({ id, descriptor, position }))
  }

  forget(stream: string): void {
    this.forgotten.push(stream)
    this.#streams.delete(stream)
  }

  position(stream: string): number | undefined {
    return this.#streams.get(stream)?.position.offset
  }

  lines(chunk: LineChunk, position: StreamPosition, signal: AbortSignal): Promise<Receipt> {
    this.inFlight += chunk.bytes.length
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight)
    const count = chunk.frames?.starts.length ?? (chunk.oversize ? 1 : countLines(chunk.bytes))
    return this.#commit('lines', chunk.stream.id, count, signal, () => {
      if (this.#failures > 0) {
        this.#failures -= 1
        throw new Error('a defect')
      }
      // Its memory is used again as soon as this is committed.
      this.lineChunks.push({ ...chunk, bytes: new Uint8Array(chunk.bytes) })
      const stream = this.#streams.get(chunk.stream.id)
      if (!stream) throw new Error('lines of a stream that was not opened')
      this.#forward(chunk.stream.id, stream.position, position)
      stream.position = position
    }).finally(() => {
      this.inFlight -= chunk.bytes.length
    })
  }

  /** Each record is one event, the first of them at the chunk's first seq. Those whose memory is used again are decoded. */
  async records(
    { values, ...given }: RecordChunk,
    { descriptor, hashes = false }: RecordsOptions = {},
  ): Promise<Receipt> {
    if (this.#pressure !== null) throw new AffiantError('journal_full', this.#pressure)
    const chunk = {
      ...given,
      records: given.records.map((record) => ('layout' in record ? decodedRecord(record, values!) : record)),
    }
    const never = new AbortController().signal
    const receipt = await this.#commit('records', chunk.stream.id, chunk.records.length, never, () => {
      this.recordChunks.push(chunk)
      if (descriptor) this.#keep({ stream: chunk.stream.id, descriptor, position: { offset: 0, ranges: [] } })
    })
    // There are no events here: what stands for one is its record.
    const hashOf = (record: object) => hash('sha256', JSON.stringify(record))
    const seqs =
      chunk.marks && Array.from(chunk.marks.records, (record) => receipt.firstSeq + Math.max(0, record))
    return {
      ...receipt,
      ...(hashes && { hashes: chunk.records.map(hashOf) }),
      ...(seqs && { seqs }),
    }
  }

  /** There are no events here, and so no scopes. */
  async outOfScope(): Promise<Receipt['rejected']> {
    return []
  }

  repeated(repeats: Repeats): void {
    this.repeats.push(repeats)
  }

  openStream(
    stream: StreamContext,
    opened: { readonly metadata: Readonly<Record<string, unknown>>; readonly update: StreamUpdate },
    signal: AbortSignal,
  ): Promise<Commit> {
    return this.#commit('open', stream.id, 1, signal, () => {
      this.opened.push({ stream, metadata: opened.metadata })
      this.#keep(opened.update)
    })
  }

  noteStream(stream: StreamContext, note: StreamNote, signal: AbortSignal): Promise<Commit> {
    return this.#commit('note', stream.id, 1, signal, () => {
      this.notes.push({ ...note, stream: stream.id })
      if (note.update) this.#keep(note.update)
    })
  }

  updateStream(update: StreamUpdate, signal: AbortSignal): Promise<Commit> {
    return this.#commit('update', update.stream, 0, signal, () => {
      this.updates.push(update)
      this.#keep(update)
    })
  }

  /** Every line committed, in commit order, without its newline. */
  allLines(): CommittedLine[] {
    return this.lineChunks.flatMap(({ stream, bytes, offset, oversize, frames }) => {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      if (frames) {
        return frames.starts.map((start, i) => ({
          stream: stream.id,
          offset: frames.offsets[i]!,
          bytes: buffer.subarray(start, frames.ends[i]),
          ...(oversize && { oversize }),
        }))
      }
      if (oversize) return [{ stream: stream.id, offset, bytes: buffer, oversize }]
      const lines: CommittedLine[] = []
      for (let start = 0; start < buffer.length; ) {
        const end = buffer.indexOf(10, start)
        if (end < 0) throw new Error('a chunk that does not end in a newline')
        lines.push({ stream: stream.id, offset: offset + start, bytes: buffer.subarray(start, end) })
        start = end + 1
      }
      return lines
    })
  }

  texts(): string[] {
    return this.allLines().map(({ bytes }) => bytes.toString())
  }

  /** Whatever happens to a file, no stream of it is read twice. */
  #forward(stream: string, from: StreamPosition, to: StreamPosition): void {
    if (to.offset < from.offset) this.faults.push(`${stream} went back from ${from.offset} to ${to.offset}`)
  }

  #keep({ stream, descriptor, position }: StreamUpdate): void {
    if (!descriptor || !position) return
    const known = this.#streams.get(stream)
    if (known) this.#forward(stream, known.position, position)
    this.#streams.set(stream, { descriptor, position })
  }

  async #commit(
    kind: 'open' | 'note' | 'update' | 'lines' | 'records',
    stream: string,
    count: number,
    signal: AbortSignal,
    apply: () => void,
  ): Promise<Receipt> {
    const previous = this.#last.get(stream)
    this.pending += 1
    const work = (async () => {
      await previous?.catch(() => {})
      await new Promise<void>((resolve) => setImmediate(resolve))
      while (this.#pressure !== null || this.#held) await this.#relieved(signal)
      signal.throwIfAborted()
      apply()
      this.journal.push({ kind, stream })
      const firstSeq = this.#seq
      this.#seq += count
      return { firstSeq, count, records: count, skipped: 0, unparsed: 0, incomplete: 0, rejected: [] }
    })()
    this.#last.set(stream, work)
    try {
      return await work
    } finally {
      this.pending -= 1
    }
  }

  #relieved(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const resume = () => {
        this.#waiting.delete(resume)
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#waiting.delete(resume)
        reject(signal.reason)
      }
      if (signal.aborted) return abort()
      this.#waiting.add(resume)
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  return count
}
