/**
 * The books: what each stream has committed, and what became of it at each sink. Told per block by the journal, per
 * block and per settled range by the deliveries; events are not looked at but for their route bits.
 *
 * A restart begins new counts. Byte positions survive it: what was committed before is known from the journal, and
 * counts as settled once a sink has settled all that was in the journal at the start; until then nobody knows how
 * far it was (null).
 */
import type { EncodedBatch, StreamUpdate } from '../event/batch.ts'
import type { LiveStream } from '../journal/contract.ts'
import type { NormalisedBatch } from '../normalise/contract.ts'
import type { RouteSpec } from '../routing/route.ts'
import { StreamMarks } from './ledger-marks.ts'
import { RouteCounter } from './ledger-routes.ts'
import { SinkAccount, type SinkBooks } from './ledger-sink.ts'

/** A stream that can be read on: a file. Counts are of this run. */
export interface StreamBooks {
  /** `records = skipped + dropped + events`: the agent's own events about the stream are not among them. */
  readonly records: number
  readonly skipped: number
  readonly dropped: number
  readonly events: number
  /** Bytes of the stream that are in the journal. */
  readonly committed: number
  readonly sinks: ReadonlyMap<string, StreamAtSink>
}

interface StreamAtSink {
  /**
   * Events committed for it in this run, and those of an earlier one that the sink has come to; the agent's own about
   * the stream included, as in the next two.
   */
  readonly routed: number
  /** Events settled in this run: counted by block, once that is settled as a whole. */
  readonly accepted: number
  readonly deadLettered: number
  /**
   * Bytes of the stream whose events this sink has settled, as far as any go there. Null while the sink is behind
   * this run's start.
   */
  readonly settled: number | null
}

interface StreamEntry {
  /** It was in the journal before this run. */
  readonly before: boolean
  readonly marks: StreamMarks
  records: number
  skipped: number
  dropped: number
  events: number
  /** By sink: routed, accepted, dead letters; and the seq behind the last event of a record that goes there. */
  readonly routed: number[]
  readonly accepted: number[]
  readonly letters: number[]
  readonly lastRouted: number[]
}

export interface LedgerOptions {
  readonly routes: readonly RouteSpec[]
  readonly sinks: readonly string[]
}

export class Ledger {
  /** Every sink that there has been, and its account: its place in each stream's columns. None is taken out. */
  readonly #sinks: string[] = []
  readonly #accounts: SinkAccount[] = []
  /** Places of those that are configured, in the order of the configuration. */
  #configured: readonly number[] = []
  #routes: RouteCounter
  readonly #streams = new Map<string, StreamEntry>()
  /** The first seq of this run, and the seq behind the last block that was told of. */
  #start = 0
  #end = 0

  constructor(options: LedgerOptions) {
    this.#routes = this.#follow(options)
  }

  /** What is committed from here on is routed so. Before the deliveries of sinks that are new begin. */
  use(options: LedgerOptions): void {
    this.#routes = this.#follow(options)
  }

  /** Those that are configured. */
  get sinks(): readonly string[] {
    return this.#configured.map((place) => this.#sinks[place]!)
  }

  /** What the journal held when it was opened. Before anything is committed. */
  open(durableSeq: number, streams: readonly LiveStream[]): void {
    this.#start = durableSeq
    this.#end = durableSeq
    for (const { stream, position } of streams) {
      this.#entry(stream, true).marks.add(durableSeq, position.offset, this.#settledByAll)
    }
  }

  /** The books of one sink, which has settled everything below `settled`. Before its delivery starts, each time. */
  account(sink: string, settled: number): SinkAccount {
    const account = this.#accounts[this.#place(sink)]!
    account.begin(settled)
    return account
  }

  /** One block is durable. Called in seq order, before any reader sees it. */
  committed(
    batch: EncodedBatch | NormalisedBatch,
    { stream, position }: StreamUpdate,
    firstSeq: number,
  ): void {
    const end = firstSeq + batch.count
    this.#end = end
    const counts = batch.count > 0 ? this.#routes.count(batch) : none
    for (let sink = 0; sink < counts.length; sink++) {
      this.#accounts[sink]!.routed += counts[sink]!
    }
    // What is said about a stream, without moving it, is one of its events all the same.
    const entry = position === undefined ? this.#streams.get(stream) : this.#entry(stream, false)
    if (entry === undefined) return
    if (position !== undefined) entry.marks.add(end, position.offset, this.#settledByAll)
    for (let sink = 0; sink < counts.length; sink++) entry.routed[sink]! += counts[sink]!
    if (!('records' in batch)) return
    entry.records += batch.records
    entry.skipped += batch.skipped
    entry.events += batch.count
    for (const dropped of batch.dropped) entry.dropped += dropped ?? 0
    for (let sink = 0; sink < counts.length; sink++) {
      if (counts[sink] !== 0) entry.lastRouted[sink] = end
    }
  }

  /** Its input is gone and read to its end. Its events stay in the sinks' books. */
  forget(stream: string): void {
    this.#streams.delete(stream)
  }

  stream(id: string): StreamBooks | undefined {
    const entry = this.#streams.get(id)
    if (entry === undefined) return undefined
    const { records, skipped, dropped, events, marks } = entry
    const sinks = new Map(
      this.#configured.map((index) => [
        this.#sinks[index]!,
        {
          routed: entry.routed[index]!,
          accepted: entry.accepted[index]!,
          deadLettered: entry.letters[index]!,
          settled: this.#settled(entry, index),
        },
      ]),
    )
    return { records, skipped, dropped, events, committed: marks.last, sinks }
  }

  /** Bytes of a stream settled by the slowest sink that its events go to; null where that is not known, 0 of no stream. */
  settled(id: string | null): number | null {
    const entry = id === null ? undefined : this.#streams.get(id)
    if (entry === undefined) return 0
    let least = entry.marks.last
    for (const sink of this.#configured) {
      const settled = this.#settled(entry, sink)
      if (settled === null) return null
      least = Math.min(least, settled)
    }
    return least
  }

  sink(name: string): SinkBooks {
    return this.#accounts[this.#place(name)]!.books
  }

  /** Whether each sink has settled whatever of this stream goes there, up to its last commit. */
  delivered(id: string): boolean {
    const entry = this.#streams.get(id)
    if (entry === undefined) return false
    return this.#configured.every((index) => this.#isSettled(entry, index))
  }

  #follow({ routes, sinks }: LedgerOptions): RouteCounter {
    this.#configured = sinks.map((sink) => this.#place(sink))
    return new RouteCounter(routes, this.#sinks)
  }

  #place(sink: string): number {
    const known = this.#sinks.indexOf(sink)
    if (known >= 0) return known
    const place = this.#sinks.length
    this.#sinks.push(sink)
    for (const entry of this.#streams.values()) for (const column of columnsOf(entry)) column.push(0)
    this.#accounts.push(
      new SinkAccount({
        start: () => this.#start,
        committed: () => this.#end,
        found: (stream, events) => {
          const entry = this.#streams.get(stream)
          if (entry !== undefined) entry.routed[place]! += events
        },
        share: ({ stream, accepted, letters }) => {
          const entry = this.#streams.get(stream)
          if (entry === undefined) return
          entry.accepted[place]! += accepted
          entry.letters[place]! += letters
        },
      }),
    )
    return place
  }

  #isSettled(entry: StreamEntry, sink: number): boolean {
    return (
      this.#accounts[sink]!.settledSeq >= Math.max(entry.lastRouted[sink]!, entry.before ? this.#start : 0)
    )
  }

  #settled(entry: StreamEntry, sink: number): number | null {
    if (this.#isSettled(entry, sink)) return entry.marks.last
    return entry.marks.at(this.#accounts[sink]!.settledSeq) ?? (entry.before ? null : 0)
  }

  #entry(stream: string, before: boolean): StreamEntry {
    let entry = this.#streams.get(stream)
    if (entry === undefined) {
      const bySink = (): number[] => this.#sinks.map(() => 0)
      entry = {
        before,
        marks: new StreamMarks(),
        records: 0,
        skipped: 0,
        dropped: 0,
        events: 0,
        routed: bySink(),
        accepted: bySink(),
        letters: bySink(),
        lastRouted: bySink(),
      }
      this.#streams.set(stream, entry)
    }
    return entry
  }

  readonly #settledByAll = (): number =>
    Math.min(...this.#configured.map((place) => this.#accounts[place]!.settledSeq))
}

const columnsOf = ({ routed, accepted, letters, lastRouted }: StreamEntry) => [
  routed,
  accepted,
  letters,
  lastRouted,
]

const none = new Float64Array(0)
