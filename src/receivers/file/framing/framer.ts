/**
 * From whole lines to records: decoded, unwrapped, joined. A state machine without input or output of its own; time is
 * what it is told.
 *
 * Invariants: each line is in exactly one record, or blank; a position is never behind a line whose record is not
 * handed on, so that a restart loses none, and says which lines behind it are, so that it repeats none; of all records
 * in the making at most `maxRecord` bytes are held.
 */
import type { StreamPosition } from '../../../event/batch.ts'
import type { Unwrap } from './container-line.ts'
import { Emitted } from './emitted.ts'
import type { Decoder } from './encoding.ts'
import { ChunkOfRecords, type FinishedRecord, type FramedChunk } from './framed-chunk.ts'
import { createJoiner, type Joiner, type JoiningRules, type Output, type Quiet } from './joiner.ts'
import type { Line } from './line.ts'
import { PendingRecord } from './pending-record.ts'
import { rawLines } from './raw-lines.ts'

/** Ranges in one position, and extents of one record: what interleaves more than this is cut. */
const maxRanges = 1_024

export interface FramerOptions {
  readonly decoder: Decoder
  /** Set for the logs of containers. */
  readonly container?: { readonly format: string; readonly unwrap: Unwrap }
  /** Set where records have several lines. */
  readonly joining?: JoiningRules
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

export class Framer {
  readonly #options: FramerOptions
  readonly #emitted: Emitted
  /** Lines whose last part has not come. */
  readonly #parts = new Map<Output, PendingRecord>()
  /** Holds records whose next line has not come. */
  readonly #joiner: Joiner | undefined
  #chunk = new ChunkOfRecords()
  #chunks: FramedChunk[] = []
  /** The offset of the last chunk's position. */
  #handedOn: number

  /** `position` is where reading begins: what it says is done with is not handed on again. */
  constructor(options: FramerOptions, position: StreamPosition) {
    this.#options = options
    this.#joiner = options.joining && createJoiner(options.joining, (record) => this.#emit(record))
    this.#emitted = new Emitted(position)
    this.#handedOn = position.offset
  }

  /** With what is handed on by now committed. */
  get position(): StreamPosition {
    return this.#emitted.position
  }

  /** Whether a record is in the making. */
  get isPending(): boolean {
    return this.#parts.size > 0 || this.#joiner?.isEmpty === false
  }

  /** Where the first line begins whose last part has not come; Infinity without one. */
  get unfinishedAt(): number {
    return Math.min(...[...this.#parts.values()].map(({ extents }) => extents[0]![0]))
  }

  /** Where records in the making begin. */
  get beginnings(): readonly number[] {
    return [...this.#parts.values(), ...this.#inTheMaking].map(({ extents }) => extents[0]![0])
  }

  /** Bytes of records in the making. */
  get held(): number {
    let held = this.#joiner?.held ?? 0
    for (const record of this.#parts.values()) held += record.held
    return held
  }

  get #inTheMaking(): readonly PendingRecord[] {
    return this.#joiner?.pending ?? []
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
    for (const record of this.#inTheMaking) record.own()
    return this.#handOn()
  }

  /** Whether `quiet` would hand something on. `lastGrowth` is when the input last grew, if a line is unfinished. */
  isDue(now: number, lastGrowth = 0): boolean {
    return this.#joiner?.isDue(this.#quiet(now, lastGrowth)) ?? false
  }

  /** Records to which nothing was added for the timeout are whole. */
  quiet(now: number, lastGrowth = 0): FramedChunk[] {
    this.#joiner?.quiet(this.#quiet(now, lastGrowth))
    return this.#handOn()
  }

  /** No more will come: everything is whole. */
  flush(): FramedChunk[] {
    for (const [output, record] of inOrder(this.#parts)) {
      this.#parts.delete(output)
      record.warn(['the last part of this line never came'])
      this.#takeWhole(output, record, 0)
    }
    this.#joiner?.complete()
    return this.#handOn()
  }

  #take(line: Line, now: number): void {
    this.#joiner?.pass()
    if (this.#emitted.has(line.start)) return
    const { container, maxRecord } = this.#options
    if (container === undefined) {
      this.#takeWhole('only', new PendingRecord(line, line.text, undefined, maxRecord), now)
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
    let record = this.#parts.get(output)
    if (record) record.addPart(line, unwrapped.text)
    else record = new PendingRecord(line, unwrapped.text, unwrapped.container, maxRecord)
    record.warn(unwrapped.warnings)
    if (unwrapped.partial) {
      this.#parts.set(output, record)
      this.#limit(record)
    } else {
      this.#parts.delete(output)
      this.#takeWhole(output, record, now)
    }
  }

  /** A line without more parts to come. */
  #takeWhole(output: Output, line: PendingRecord, now: number): void {
    const joiner = this.#joiner
    if (joiner === undefined) this.#emit(line)
    else if (line.oversize) {
      joiner.complete(output)
      this.#emit(line)
    } else {
      this.#limit(joiner.take(output, line, now))
    }
  }

  #takeOversize({ bytes, offset, end }: FramerInput, oversize: { size: number; sha256: string }): void {
    if (this.#emitted.has(offset)) return
    // What it would have been joined to cannot be told; in a container's log its output neither.
    if (this.#options.container === undefined) this.#joiner?.complete('only')
    const { text, warnings } = this.#options.decoder.decode(bytes)
    this.#finishChunk()
    const { size: length } = oversize
    const facts = { offset, length, container: undefined, warnings, oversize, text: () => text }
    this.#chunk.add(facts)
    this.#emitted.add(offset, end)
    this.#finishChunk(oversize)
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
  #limit(grown: PendingRecord | undefined): void {
    while (this.held > this.#options.maxRecord) {
      this.#cutOldest('more was begun at once in this file than may be held')
    }
    if (grown && grown.extents.length > maxRanges) this.#cutOldest('too much was written between its lines')
  }

  #cutOldest(why: string): void {
    const [part] = inOrder(this.#parts)
    const [joined] = this.#inTheMaking
    if (part !== undefined && !(joined && joined.offset < part[1].offset)) {
      const [output, record] = part
      this.#parts.delete(output)
      record.warn([`cut off here: ${why}`])
      this.#emit(record)
      return
    }
    const cut = this.#joiner?.cutOldest()
    if (cut === undefined) return
    if (!cut.isWhole) cut.record.warn([`cut off here: ${why}`])
    this.#emit(cut.record)
  }

  #quiet(now: number, lastGrowth: number): Quiet {
    const timeout = this.#options.joining?.timeout ?? 0
    return (output, touched) => !this.#parts.has(output) && now - Math.max(touched, lastGrowth) >= timeout
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
