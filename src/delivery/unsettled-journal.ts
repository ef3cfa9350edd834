/**
 * The journal as it is for a sink that stands in for others: of each block only those events that one of them has not
 * settled. What they are is counted by the way, for each of the others, in whatever order and however often blocks are read.
 */
import type { CommittedBlock, Journal, JournalReader } from '../journal/contract.ts'
import { selectRuns } from './select.ts'
import { SeqTally, type UnsettledEvents } from './seq-tally.ts'
import type { Unsettled } from './unsettled.ts'

/** Which routes of a table name a sink: bit i of word w = route `32 * w + i`. */
type MaskOf = (routeTable: string) => Uint32Array | Promise<Uint32Array>

interface UnsettledSink {
  readonly name: string
  readonly unsettled: Unsettled
  /** Those below are none of the matter. */
  readonly from: number
  readonly maskOf: MaskOf
}

export interface UnsettledJournalOptions {
  readonly journal: Pick<Journal, 'origin' | 'read'>
  /** Seqs: from the first, up to, not including, the second. */
  readonly from: number
  readonly to: number
  readonly sinks: readonly UnsettledSink[]
  /** Events that the stand-in gets by routes of its own are left out. */
  readonly without?: MaskOf
}

/** The one route that there is. */
const wanted = Uint32Array.of(1)

export class UnsettledJournal implements Pick<Journal, 'origin' | 'read'> {
  readonly origin: string
  readonly #options: UnsettledJournalOptions
  readonly #tallies: readonly SeqTally[]
  /** Everything below has been counted. */
  #counted: number
  #left = 0

  constructor(options: UnsettledJournalOptions) {
    this.#options = options
    this.origin = options.journal.origin
    this.#tallies = options.sinks.map(() => new SeqTally())
    this.#counted = options.from
  }

  /** For whoever reads it: all that there is, and nothing that routes set for other sinks. */
  readonly selection = () => ({ mask: wanted, overrides: undefined })

  /** By sink, of what has been read so far. */
  get found(): ReadonlyMap<string, UnsettledEvents> {
    return new Map(this.#options.sinks.map(({ name }, index) => [name, this.#tallies[index]!]))
  }

  /** Events that were left out, of what has been read so far. */
  get left(): number {
    return this.#left
  }

  read(seq: number): JournalReader {
    const reader = this.#options.journal.read(seq)
    return {
      get position() {
        return reader.position
      },
      next: async () => {
        const block = await reader.next()
        return block && (await this.#select(block))
      },
      release: () => reader.release(),
      waitForMore: (signal) => reader.waitForMore(signal),
      [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    }
  }

  /** Reads on from what has been counted; false when the signal ended that. */
  async count(signal: AbortSignal): Promise<boolean> {
    const { to } = this.#options
    await using reader = this.read(this.#counted)
    while (this.#counted < to) {
      if (signal.aborted) return false
      if ((await reader.next()) === null) break
      reader.release()
    }
    return true
  }

  async #select(block: CommittedBlock): Promise<CommittedBlock> {
    const { from, to, sinks, without } = this.#options
    const { firstSeq, count, routeTable } = block
    const routes = new Uint32Array(count)
    const end = Math.min(count, to - firstSeq)
    const masks = await Promise.all(sinks.map(async ({ maskOf }) => await maskOf(routeTable)))
    const own = without && (await without(routeTable))
    // From here to the end at once: two readers count nothing twice.
    for (const [index, { unsettled, from: least }] of sinks.entries()) {
      const tally = this.#tallies[index]!
      for (const at of indexesIn(block, masks[index]!, Math.max(0, least - firstSeq), end)) {
        const isUnsettled = unsettled.has(firstSeq + at)
        if (isUnsettled) routes[at] = 1
        if (firstSeq + at >= this.#counted) tally.note(firstSeq + at, isUnsettled)
      }
    }
    for (const at of own ? indexesIn(block, own, Math.max(0, from - firstSeq), end) : []) {
      if (firstSeq + at >= this.#counted) this.#left += routes[at]!
      routes[at] = 0
    }
    this.#counted = Math.max(this.#counted, Math.min(to, firstSeq + count))
    return { ...block, routes, routeWords: 1, routeTable: 'unsettled' }
  }
}

/** Of the events of a block from `first` up to `end` those that go by one of the routes. */
function* indexesIn(block: CommittedBlock, mask: Uint32Array, first: number, end: number): Generator<number> {
  const runs = selectRuns(block, mask, first)
  for (let run = 0; run < runs.length; run += 2) {
    for (let index = runs[run]!; index < Math.min(end, runs[run + 1]!); index++) yield index
  }
}
