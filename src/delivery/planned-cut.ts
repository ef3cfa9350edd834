/**
 * A batch whose events were fixed before its first attempt: on disk as a plan, so that the next run of the agent sends
 * the same batch again, or knows that it has gone.
 */
import type { BatchPlan } from '../sinks/sink.ts'

export interface PlannedCut {
  readonly id: number
  readonly epoch: number
  readonly partition: string
  /** Alternating: how many seqs are in it, how many are not, beginning at `firstSeq`. */
  readonly runs: readonly number[]
  readonly firstSeq: number
  readonly lastSeq: number
  /** It is settled: its events are passed over. */
  readonly done: boolean
  readonly plan: BatchPlan | undefined
  /** The detail of a plan whose bytes are gone. */
  readonly bare?: unknown
}

/** Seqs, ascending, as runs. */
export function runsOf(seqs: Float64Array): number[] {
  const runs: number[] = []
  let start = 0
  for (let index = 1; index <= seqs.length; index++) {
    if (index < seqs.length && seqs[index] === seqs[index - 1]! + 1) continue
    runs.push(index - start)
    if (index < seqs.length) runs.push(seqs[index]! - seqs[index - 1]! - 1)
    start = index
  }
  return runs
}

/** Walks the runs of one cut; asked for ascending seqs. */
class CutWalk {
  readonly cut: PlannedCut
  #run = 0
  /** Where the present run ends, exclusive. */
  #end: number

  constructor(cut: PlannedCut) {
    this.cut = cut
    this.#end = cut.firstSeq + (cut.runs[0] ?? 0)
  }

  has(seq: number): boolean {
    while (seq >= this.#end && this.#run < this.cut.runs.length) {
      this.#run++
      this.#end += this.cut.runs[this.#run] ?? 0
    }
    return this.#run % 2 === 0 && seq >= this.cut.firstSeq && seq < this.#end
  }
}

/** The cuts of the last run, asked for by events in seq order. */
export class PlannedCuts {
  readonly #waiting: PlannedCut[]
  #active: CutWalk[] = []

  constructor(cuts: readonly PlannedCut[]) {
    this.#waiting = [...cuts].sort((a, b) => b.firstSeq - a.firstSeq)
  }

  /** No event at or behind those asked for is in a cut. */
  get empty(): boolean {
    return this.#waiting.length === 0 && this.#active.length === 0
  }

  /** The cuts that have this event. Seqs are asked for in ascending order, or again. */
  covering(epoch: number, seq: number): readonly PlannedCut[] {
    while ((this.#waiting.at(-1)?.firstSeq ?? Number.POSITIVE_INFINITY) <= seq) {
      this.#active.push(new CutWalk(this.#waiting.pop()!))
    }
    this.#active = this.#active.filter(({ cut }) => cut.lastSeq >= seq)
    return this.#active.filter((walk) => walk.cut.epoch === epoch && walk.has(seq)).map(({ cut }) => cut)
  }
}
