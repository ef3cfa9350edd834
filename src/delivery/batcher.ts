/**
 * Sorts a sink's events into batches. Where the sink has no partitions there is one open batch at a time, filled by
 * runs of events; where it has, one for each partition.
 */
import type { CommittedBlock } from '../journal/contract.ts'
import type { CutBatch, OpenBatch } from './open-batch.ts'
import { OpenBatches, type OpenBatchesOptions } from './open-batches.ts'
import { BlockWalk } from './output-lines.ts'
import { selectRuns } from './select.ts'
import { everything, type OverrideSource, type Target, Targets, type TargetsOptions } from './targets.ts'

export interface BatcherOptions extends OpenBatchesOptions, TargetsOptions {
  /** An event goes more than once: `more` times beside the first. */
  readonly repeated?: (stream: string, more: number) => void
}

interface Pending {
  readonly walk: BlockWalk
  readonly runs: readonly number[]
  readonly overrides: OverrideSource | undefined
  next: number
  /** The targets of the event at `walk.index`, and how many of them have it already. */
  targets: readonly Target[] | undefined
  had: number
}

export class Batcher {
  /** The seq behind the last event looked at. */
  position: number
  readonly #options: BatcherOptions
  readonly #targets: Targets
  readonly #open: OpenBatches
  #source: Pending | undefined

  constructor(position: number, options: BatcherOptions) {
    this.position = position
    this.#options = options
    this.#targets = new Targets(options)
    this.#open = new OpenBatches(options, options.partition === undefined)
  }

  /** True while a block waits that did not fit. */
  get hasSource(): boolean {
    return this.#source !== undefined
  }

  /** The batch that was begun first. */
  get oldest(): OpenBatch | undefined {
    return this.#open.oldest
  }

  get openCount(): number {
    return this.#open.count
  }

  /** What is in batches that are not cut yet. */
  get openSeqs(): readonly Float64Array[] {
    return this.#open.seqs
  }

  /** One that must be cut before anything is added. */
  get ready(): OpenBatch | undefined {
    return this.#open.readyAt(this.position, this.#source?.walk.block.epoch)
  }

  /**
   * Offers a block; events below `position` are skipped. Only when there is no source. Returns how many of its events
   * will be taken.
   */
  offer(block: CommittedBlock, mask: Uint32Array, overrides?: OverrideSource): number {
    const first = Math.max(0, this.position - block.firstSeq)
    const runs = selectRuns(block, mask, first)
    this.#source = { walk: new BlockWalk(block), runs, overrides, next: 0, targets: undefined, had: 0 }
    let selected = 0
    for (let index = 0; index < runs.length; index += 2) selected += runs[index + 1]! - runs[index]!
    return selected
  }

  /** Takes events from the source until it is used up or a batch is full. `now`: `clock.monotonic`. */
  fill(now: number): void {
    const source = this.#source
    if (source === undefined) return
    const { walk, runs, overrides } = source
    const { block } = walk
    while (source.next < runs.length) {
      if (this.ready !== undefined) return
      walk.skipTo(runs[source.next]!)
      const end = runs[source.next + 1]!
      const added = this.#targets.areOne(overrides)
        ? this.#open.append(everything, walk, end, now)
        : this.#sort(source, end, now)
      this.position = block.firstSeq + walk.index
      if (!added || walk.index < end) return
      source.next += 2
    }
    this.position = Math.max(this.position, block.firstSeq + block.count)
    this.#source = undefined
  }

  cut(open: OpenBatch): CutBatch {
    return this.#open.cut(open)
  }

  /** Adds the events up to `end`, each where it belongs. False when one did not fit. */
  #sort(source: Pending, end: number, now: number): boolean {
    const { walk, overrides } = source
    while (walk.index < end) {
      const targets = source.targets ?? this.#targets.of(walk.block, walk.index, walk.payloadAt, overrides)
      const [target] = targets
      if (target !== undefined && targets.length === 1 && this.#targets.fresh) {
        const stop = this.#targets.sameFrom(walk, target, end, overrides)
        if (!this.#open.append(target, walk, stop, now) || walk.index < stop) return false
      } else if (!this.#appendToEach(source, targets, now)) return false
      this.position = walk.block.firstSeq + walk.index
      if (walk.index < end && this.ready !== undefined) return false
    }
    return true
  }

  #appendToEach(source: Pending, targets: readonly Target[], now: number): boolean {
    const { walk } = source
    const { index } = walk
    if (source.targets === undefined) {
      source.targets = targets
      source.had = 0
      if (targets.length > 1) this.#options.repeated?.(walk.block.stream, targets.length - 1)
    }
    while (source.had < targets.length) {
      const copy = walk.fork()
      this.#open.append(targets[source.had]!, copy, index + 1, now)
      if (copy.index === index) return false
      source.had++
    }
    walk.skipTo(index + 1)
    source.targets = undefined
    return true
  }
}
