/**
 * A part of the journal as a delivery reads it: seqs from `from` to `to`, both included, and then it ends. What of it is
 * not there any more is passed over as in the journal; should its last events be gone, a block without events stands for
 * the end, so that whoever reads gets there.
 */
import type { CommittedBlock, Journal, JournalReader } from '../journal/contract.ts'
import { selectRuns } from './select.ts'

/** The route table of the block that stands for the end. */
export const noTable = ''

export class JournalRange implements Pick<Journal, 'origin' | 'durableSeq' | 'read'> {
  readonly origin: string
  readonly from: number
  /** Behind the last. */
  readonly durableSeq: number
  readonly #journal: Pick<Journal, 'read'>

  /** `to` is committed. */
  constructor(journal: Pick<Journal, 'origin' | 'read'>, from: number, to: number) {
    this.#journal = journal
    this.origin = journal.origin
    this.from = from
    this.durableSeq = to + 1
  }

  read(seq: number): JournalReader {
    return new RangeReader(this.#journal.read(seq), seq, this.durableSeq)
  }
}

class RangeReader implements JournalReader {
  position: number
  readonly #reader: JournalReader
  readonly #end: number

  constructor(reader: JournalReader, seq: number, end: number) {
    this.#reader = reader
    this.position = seq
    this.#end = end
  }

  async next(): Promise<CommittedBlock | null> {
    if (this.position >= this.#end) return null
    const block = await this.#reader.next()
    if (block === null || block.firstSeq >= this.#end) {
      this.position = this.#end
      return nothingAt(this.#end)
    }
    this.position = Math.min(this.#end, block.firstSeq + block.count)
    return firstOf(block, this.position - block.firstSeq)
  }

  release(): void {
    this.#reader.release()
  }

  /** There is never more. */
  async waitForMore(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.position < this.#end) return
    const { promise, reject } = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    await promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]()
  }
}

/** The first `count` events of a block. */
function firstOf(block: CommittedBlock, count: number): CommittedBlock {
  if (count === block.count) return block
  return {
    ...block,
    count,
    lengths: block.lengths.subarray(0, count),
    rawLengths: block.rawLengths.subarray(0, count),
    routes: block.routes.subarray(0, count * block.routeWords),
  }
}

const nothingAt = (seq: number): CommittedBlock => ({
  epoch: 0,
  firstSeq: seq,
  count: 0,
  stream: '',
  payload: Buffer.alloc(0),
  lengths: new Uint32Array(0),
  raw: Buffer.alloc(0),
  rawLengths: new Uint32Array(0),
  routes: new Uint32Array(0),
  routeWords: 1,
  routeTable: noTable,
  observedMin: 0,
  observedMax: 0,
  writtenTime: 0,
})

/** Seqs that cannot be had any more, both included. */
export interface MissingSeqs {
  readonly firstSeq: number
  readonly lastSeq: number
}

export interface RangeSurvey {
  /** That go to the sink. */
  readonly events: number
  readonly missing: readonly MissingSeqs[]
}

/** Reads the whole range once: what is there, before anything of it is sent. */
export async function surveyRange(
  range: JournalRange,
  maskOf: (routeTable: string) => Promise<Uint32Array>,
  signal: AbortSignal,
): Promise<RangeSurvey> {
  const missing: MissingSeqs[] = []
  let events = 0
  let expected = range.from
  await using reader = range.read(range.from)
  for (let block = await reader.next(); block !== null; block = await reader.next()) {
    signal.throwIfAborted()
    if (block.firstSeq > expected) missing.push({ firstSeq: expected, lastSeq: block.firstSeq - 1 })
    const runs = selectRuns(block, await maskOf(block.routeTable), Math.max(0, expected - block.firstSeq))
    for (let index = 0; index < runs.length; index += 2) events += runs[index + 1]! - runs[index]!
    expected = block.firstSeq + block.count
    reader.release()
  }
  return { events, missing }
}
