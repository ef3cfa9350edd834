/** Collects the events of one chunk and makes one buffer of them. */
import type { EventDraft } from './compile/state.ts'
import type { NormalisedBatch, RejectedRecord } from './contract.ts'
import type { EventWriter } from './event-writer.ts'

const nothing = new Uint8Array(0)

export class BatchEncoder {
  /** Where the route decider writes an event's bits before it is added. */
  readonly bits: Uint32Array
  records = 0
  skipped = 0
  unparsed = 0
  incomplete = 0
  readonly rejected: RejectedRecord[] = []
  readonly dropped: number[]
  readonly #writer: EventWriter
  readonly #lengths: number[] = []
  readonly #raws: (Uint8Array | undefined)[] = []
  readonly #routes: number[] = []
  readonly #routeWords: number

  /** The writer is shared by batches that follow each other: what an earlier one left unfinished is discarded. */
  constructor(writer: EventWriter, routeWords: number, routeCount: number) {
    writer.discard()
    this.#writer = writer
    this.#routeWords = routeWords
    this.bits = new Uint32Array(routeWords)
    this.dropped = Array.from({ length: routeCount }, () => 0)
  }

  /** An event, with the route bits that stand in `bits`. When it throws, nothing was added. */
  add(event: EventDraft, unsafe: boolean): void {
    const length = this.#writer.write(event, unsafe)
    this.#lengths.push(length)
    for (let word = 0; word < this.#routeWords; word++) this.#routes.push(this.bits[word]!)
  }

  /** How many events were added. */
  get count(): number {
    return this.#lengths.length
  }

  /** The record that the event at this place keeps. */
  keepRaw(at: number, raw: Uint8Array): void {
    this.#raws[at] = raw
  }

  /** An event that was written into the writer from `from` on, without its newline; the route bits as above. */
  addWritten(from: number): void {
    this.#lengths.push(this.#writer.at - from)
    this.#writer.room(1)
    this.#writer.bytes[this.#writer.at++] = 0x0a
    for (let word = 0; word < this.#routeWords; word++) this.#routes.push(this.bits[word]!)
  }

  /** Returns what takes out all that was added since. */
  mark(): () => void {
    const { records, skipped, unparsed, incomplete } = this
    const { at } = this.#writer
    const count = this.#lengths.length
    const dropped = [...this.dropped]
    return () => {
      Object.assign(this, { records, skipped, unparsed, incomplete })
      this.#writer.at = at
      this.#lengths.length = count
      this.#raws.length = Math.min(this.#raws.length, count)
      this.#routes.length = count * this.#routeWords
      this.dropped.splice(0, dropped.length, ...dropped)
    }
  }

  /** @param observed unix milliseconds */
  finish(observed: number): NormalisedBatch {
    const count = this.#lengths.length
    const rawLengths = new Uint32Array(count)
    const raws = this.#raws.filter((raw) => raw !== undefined)
    for (const [i, raw] of this.#raws.entries()) rawLengths[i] = raw?.length ?? 0
    return {
      count,
      ...this.#writer.take(),
      lengths: new Uint32Array(this.#lengths),
      raw: raws.length === 0 ? nothing : Buffer.concat(raws),
      rawLengths,
      routes: new Uint32Array(this.#routes),
      routeWords: this.#routeWords,
      observedMin: observed,
      observedMax: observed,
      records: this.records,
      skipped: this.skipped,
      unparsed: this.unparsed,
      incomplete: this.incomplete,
      rejected: this.rejected,
      dropped: this.dropped,
    }
  }
}
