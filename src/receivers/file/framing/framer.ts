/**
 * From whole lines to records: decoded, unwrapped, joined. A state machine without input or output of its own; time is
 * what it is told.
 *
 * Invariants: each line is in exactly one record, or blank; a position is never behind a line whose record is not
 * handed on, so that a restart loses none, and says which lines behind it are, so that it repeats none; of all records
 * in the making at most `maxRecord` bytes are held.
 */
import type { StreamPosition } from '../../../event/batch.ts'
import type { ContainerLine } from '../../../event/record.ts'
import type { Unwrap } from './container-line.ts'
import { Emitted } from './emitted.ts'
import type { Decoder } from './encoding.ts'
import { ChunkOfRecords, type FinishedRecord, type FramedChunk } from './framed-chunk.ts'
import type { Line } from './line.ts'
import type { Continues } from './multiline.ts'
import { PendingRecord } from './pending-record.ts'
import { rawLines } from './raw-lines.ts'

/** Ranges in one position, and extents of one record: what interleaves more than this is cut. */
const maxRanges = 1_024

export interface FramerOptions {
  readonly decoder: Decoder
  /** Set for the logs of containers. */
  readonly container?: { readonly format: string; readonly unwrap: Unwrap }
  /** Set where records have several lines. Milliseconds after which one that nothing was added to is whole. */
  readonly multiline?: { readonly continues: Continues; readonly timeout: number }
  /** Bytes. */
  readonly maxRecord: number
}

/** What was read: whole lines, or the head of one over the limit. */
export interface FramerInput {
  readonly bytes: Buffer
  readonly offset: number
  /** Bytes right before that are no part of a line. */
  readonly skipped?: number
  readonly end: number
  readonly oversize?: { readonly size: number; readonly sha256: string }
}

/** Lines that belong together come from the same output. */
type Output = ContainerLine['output'] | 'only'

export class Framer {
  readonly #options: FramerOptions
  readonly #emitted: Emitted
  /** Lines whose last part has not come. */
  readonly #parts = new Map<Output, PendingRecord>()
  /** Records whose next line has not come. */
  readonly #records = new Map<Output, PendingRecord>()
  /** When something came last, monotonic milliseconds. */
  readonly #touched = new Map<Output, number>()
  #chunk = new ChunkOfRecords()
  #chunks: FramedChunk[] = []
  /** The offset of the last chunk's position. */
  #handedOn: number

  /** `position` is where reading begins: what it says is done with is not handed on again. */
  constructor(options: FramerOptions, position: StreamPosition) {
    this.#options = options
    this.#emitted = new Emitted(position)
    this.#handedOn = position.offset
  }

  /** With what is handed on by now committed. */
  get position(): StreamPosition {
    return this.#emitted.position
  }

  /** Whether a record is in the making. */
  get isPending(): boolean {
    return this.#parts.size + this.#records.size > 0
  }

  /** Where the first line begins whose last part has not come; Infinity without one. */
  get unfinishedAt(): number {
    return Math.min(...[...this.#parts.values()].map(({ extents }) => extents[0]![0]))
  }

  /** Where records in the making begin. */
  get beginnings(): readonly number[] {
    return [...this.#parts.values(), ...this.#records.values()].map(({ extents }) => extents[0]![0])
  }

  /** Bytes of records in the making. */
  get held(): number {
    let held = 0
    for (const record of this.#parts.values()) held += record.held
    for (const record of this.#records.values()) held += record.held
    return held
  }

  /** Takes lines in; returns what is whole. `now` in monotonic milliseconds. */
  push(input: FramerInput, now: number): FramedChunk[] {
    const { offset, skipped = 0 } = input
    if (skipped > 0) this.#emitted.add(offset - skipped, offset)
    if (input.oversize) this.#takeOversize(input, input.oversize)
    else {
      const { bytes, end } = input
      for (const line of rawLines(bytes, offset, this.#options.decoder, end)) this.#take(line, now)
    }
    for (const record of this.#parts.values()) record.own()
    for (const record of this.#records.values()) record.own()
    return this.#handOn()
  }

  /** Whether `quiet` would hand something on. `lastGrowth` is when the input last grew, if a line is unfinished. */
  isDue(now: number, lastGrowth = 0): boolean {
    return this.#due(now, lastGrowth).length > 0
  }

  /** Records to which nothing was added for the timeout are whole. */
  quiet(now: number, lastGrowth = 0): FramedChunk[] {
    for (const output of this.#due(now, lastGrowth)) this.#complete(output)
    return this.#handOn()
  }

  /** No more will come: everything is whole. */
  flush(): FramedChunk[] {
    for (const [output, record] of inOrder(this.#parts)) {
      this.#parts.delete(output)
      record.warn(['the last part of this line never came'])
      this.#takeWhole(output, record)
    }
    for (const [output] of inOrder(this.#records)) this.#complete(output)
    return this.#handOn()
  }

  #take(line: Line, now: number): void {
    if (this.#emitted.has(line.start)) return
    const { container, maxRecord } = this.#options
    if (container === undefined) {
      this.#touched.set('only', now)
      this.#takeWhole('only', new PendingRecord(line, line.text, undefined, maxRecord))
      return
    }
    const unwrapped = container.unwrap(line.text)
    if (unwrapped === undefined) {
      const record = new PendingRecord(line, line.text, undefined, maxRecord)
      record.warn([`the line is not in the format of ${container.format} logs: taken as it is`])
      this.#emit(record)
      return
    }
    const { output } = unwrapped.container
    this.#touched.set(output, now)
    let record = this.#parts.get(output)
    if (record) record.addPart(line, unwrapped.text)
    else record = new PendingRecord(line, unwrapped.text, unwrapped.container, maxRecord)
    record.warn(unwrapped.warnings)
    if (unwrapped.partial) {
      this.#parts.set(output, record)
      this.#limit(record)
    } else {
      this.#parts.delete(output)
      this.#takeWhole(output, record)
    }
  }

  /** A line without more parts to come. */
  #takeWhole(output: Output, line: PendingRecord): void {
    const { multiline } = this.#options
    const before = this.#records.get(output)
    if (multiline === undefined) this.#emit(line)
    else if (line.oversize) {
      this.#complete(output)
      this.#emit(line)
    } else if (before && (line.isBlank || multiline.continues(line.text()))) {
      before.addLine(line)
      this.#limit(before)
    } else if (line.isBlank) this.#emit(line)
    else {
      this.#complete(output)
      this.#records.set(output, line)
      this.#limit(line)
    }
  }

  #takeOversize({ bytes, offset, end }: FramerInput, oversize: { size: number; sha256: string }): void {
    if (this.#emitted.has(offset)) return
    // What it would have been joined to cannot be told; in a container's log its output neither.
    if (this.#options.container === undefined) this.#complete('only')
    const { text, warnings } = this.#options.decoder.decode(bytes)
    this.#finishChunk()
    const { size: length } = oversize
    const facts = { offset, length, container: undefined, warnings, oversize, text: () => text }
    this.#chunk.add(facts)
    this.#emitted.add(offset, end)
    this.#finishChunk(oversize)
  }

  #complete(output: Output): void {
    const record = this.#records.get(output)
    if (record === undefined) return
    this.#records.delete(output)
    this.#emit(record)
  }

  #emit(record: PendingRecord): void {
    const { oversize } = record
    if (oversize) this.#finishChunk()
    if (!record.isBlank || oversize) this.#chunk.add(record satisfies FinishedRecord)
    for (const [start, end] of record.extents) this.#emitted.add(start, end)
    if (oversize) this.#finishChunk(oversize)
    if (this.#emitted.rangeCount > maxRanges) this.#cutOldest('too much was written between its lines')
  }

  /** Keeps what is held within bounds, after `grown` has grown. */
  #limit(grown: PendingRecord): void {
    while (this.held > this.#options.maxRecord) {
      this.#cutOldest('more was begun at once in this file than may be held')
    }
    if (grown.extents.length > maxRanges) this.#cutOldest('too much was written between its lines')
  }

  #cutOldest(why: string): void {
    const [oldest] = inOrder([...this.#parts, ...this.#records])
    if (oldest === undefined) return
    const [output, record] = oldest
    for (const pending of [this.#parts, this.#records]) {
      if (pending.get(output) === record) pending.delete(output)
    }
    record.warn([`cut off here: ${why}`])
    this.#emit(record)
  }

  #due(now: number, lastGrowth: number): Output[] {
    const { multiline } = this.#options
    if (multiline === undefined) return []
    const quietSince = (output: Output) => Math.max(this.#touched.get(output) ?? 0, lastGrowth)
    return inOrder(this.#records)
      .map(([output]) => output)
      .filter((output) => !this.#parts.has(output) && now - quietSince(output) >= multiline.timeout)
  }

  #finishChunk(oversize?: FramedChunk['oversize']): void {
    const { position } = this
    if (this.#chunk.count === 0 && position.offset === this.#handedOn) return
    this.#chunks.push(this.#chunk.finish(position, oversize))
    this.#chunk = new ChunkOfRecords()
    this.#handedOn = position.offset
  }

  #handOn(): FramedChunk[] {
    this.#finishChunk()
    const chunks = this.#chunks
    this.#chunks = []
    return chunks
  }
}

function inOrder(pending: Iterable<[Output, PendingRecord]>): [Output, PendingRecord][] {
  return [...pending].toSorted(([, a], [, b]) => a.offset - b.offset)
}
