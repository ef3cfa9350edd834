/**
 * Sorts a sink's events into batches. Where the sink has no partitions there is one open batch at a time, filled by
 * runs of events; where it has, one for each partition, bounded in number and in bytes together.
 */

import type { BufferPool } from '../buffer-pool.ts'
import type { CommittedBlock } from '../journal/contract.ts'
import { type Overrides, type Partitioner, Unroutable } from '../sinks/sink.ts'
import type { BatchSize } from './batch-size.ts'
import { EventAt } from './event-at.ts'
import { type CutBatch, cutOf, type OpenBatch } from './open-batch.ts'
import { BlockWalk, type LineLimits, OutputLines } from './output-lines.ts'
import type { PlannedCut, PlannedCuts } from './planned-cut.ts'
import { selectRuns } from './select.ts'
import type { SettledPrefix } from './settle.ts'

/** More partitions than this and the oldest is sent as it is. */
const MOST_OPEN = 64
/** All open batches together hold at most so many full ones. */
const MOST_FULL = 2
/** Of one of many partitions. */
const FIRST_BYTES = 64 * 1024

/** What routes set for this sink, event by event. */
export interface OverrideSource {
  /** What the matched routes (words `[at, at + routeWords)`) set for it, each difference once; never empty. */
  variants(routes: Uint32Array, at: number, view: EventAt): readonly (Overrides | undefined)[]
}

export interface BatcherOptions {
  /** Of the journal's current epoch; older blocks differ from it in the last part only. */
  readonly origin: string
  readonly limits: LineLimits
  /** How much of `limits.maxBytes` the destination bears. */
  readonly size?: Pick<BatchSize, 'limit'>
  readonly pool: BufferPool
  readonly prefix: SettledPrefix
  readonly partition?: Partitioner | undefined
  /** What an earlier run had fixed. */
  readonly planned?: PlannedCuts | undefined
  /** `events` of a settled plan were passed over: this sink has them. */
  readonly passed?: (events: number) => void
  /** An event goes more than once: `more` times beside the first. */
  readonly repeated?: (stream: string, more: number) => void
}

/** Where one event goes: a partition, a refusal, or a cut that an earlier run had fixed. */
interface Target {
  readonly key: string
  readonly partition: string
  readonly refusal?: string
  readonly planned?: PlannedCut
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

const everything: Target = { key: '', partition: '' }

export class Batcher {
  /** The seq behind the last event looked at. */
  position: number
  readonly #options: BatcherOptions
  readonly #origin: string
  readonly #open = new Map<string, OpenBatch>()
  readonly #view = new EventAt()
  readonly #targets = new Map<string, Target>()
  /** Most events go where the one before went. */
  #latest: Target = everything
  #source: Pending | undefined
  /** Of the batch that was cut last: what the next one will want. */
  #sizes = { bytes: 0, events: 0 }

  constructor(position: number, options: BatcherOptions) {
    this.position = position
    this.#options = options
    this.#origin = options.origin.slice(0, options.origin.lastIndexOf('/') + 1)
  }

  /** True while a block waits that did not fit. */
  get hasSource(): boolean {
    return this.#source !== undefined
  }

  get empty(): boolean {
    return this.#open.size === 0
  }

  /** The batch that was begun first. */
  get oldest(): OpenBatch | undefined {
    return this.#open.values().next().value
  }

  get openCount(): number {
    return this.#open.size
  }

  /** One that must be cut before anything is added. */
  get ready(): OpenBatch | undefined {
    let bytes = 0
    let largest: OpenBatch | undefined
    for (const open of this.#open.values()) {
      if (this.#isFull(open)) return open
      bytes += open.lines.bytes
      if (open.planned === undefined && (largest === undefined || open.lines.bytes > largest.lines.bytes)) {
        largest = open
      }
    }
    if (this.#open.size > MOST_OPEN) return this.oldest
    return bytes > this.#options.limits.maxBytes * MOST_FULL ? largest : undefined
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
    const { walk, runs } = source
    const { block } = walk
    while (source.next < runs.length) {
      if (this.ready !== undefined) return
      walk.skipTo(runs[source.next]!)
      const end = runs[source.next + 1]!
      const added = this.#isPlain(source)
        ? this.#append(everything, walk, end, now)
        : this.#sort(source, end, now)
      this.position = block.firstSeq + walk.index
      if (!added || walk.index < end) return
      source.next += 2
    }
    this.position = Math.max(this.position, block.firstSeq + block.count)
    this.#source = undefined
  }

  cut(open: OpenBatch): CutBatch {
    this.#open.delete(open.key)
    this.#sizes = { bytes: open.lines.bytes, events: open.lines.count }
    return cutOf(open)
  }

  /** Neither partitions, overrides nor plans: events go as they come. */
  #isPlain({ overrides }: Pending): boolean {
    return this.#options.partition === undefined && overrides === undefined && this.#isFresh
  }

  /** Nothing of what is read now was in a batch of an earlier run. */
  get #isFresh(): boolean {
    return this.#options.planned?.empty ?? true
  }

  /** True when a batch begun before must go first: full, or of another epoch; or the rest of its plan is behind us. */
  #isFull(open: OpenBatch): boolean {
    if (open.lines.full) return true
    const { planned } = open
    if (planned !== undefined) return this.position > planned.lastSeq
    const epoch = this.#source?.walk.block.epoch
    return epoch !== undefined && epoch !== open.epoch
  }

  /** Adds the events up to `end`, each where it belongs. False when one did not fit. */
  #sort(source: Pending, end: number, now: number): boolean {
    const { walk } = source
    while (walk.index < end) {
      const targets = source.targets ?? this.#targetsOf(source, walk.index, walk.payloadAt)
      const [target] = targets
      if (target !== undefined && targets.length === 1 && this.#isFresh) {
        const stop = this.#sameFrom(source, target, end)
        if (!this.#append(target, walk, stop, now) || walk.index < stop) return false
      } else if (!this.#appendToEach(source, targets, now)) return false
      this.position = walk.block.firstSeq + walk.index
      if (walk.index < end && this.ready !== undefined) return false
    }
    return true
  }

  /** Where the events from `walk.index` stop going where the first of them goes. */
  #sameFrom(source: Pending, target: Target, end: number): number {
    const { walk } = source
    const { lengths, payload } = walk.block
    const { partition } = this.#options
    let at = walk.payloadAt + lengths[walk.index]! + 1
    for (let index = walk.index + 1; index < end; index++) {
      if (source.overrides === undefined && partition !== undefined) {
        const view = this.#view.at(payload, at, lengths[index]!)
        if (this.#targetFor(partition(view, undefined)) !== target) return index
      } else {
        const next = this.#targetsOf(source, index, at)
        if (next.length !== 1 || next[0] !== target) return index
      }
      at += lengths[index]! + 1
    }
    return end
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
      this.#append(targets[source.had]!, copy, index + 1, now)
      if (copy.index === index) return false
      source.had++
    }
    walk.skipTo(index + 1)
    source.targets = undefined
    return true
  }

  /** True when at least one event fitted. */
  #append(target: Target, walk: BlockWalk, end: number, now: number): boolean {
    const open = this.#open.get(target.key) ?? this.#begin(target, walk, now)
    if (open.lines.full || open.epoch !== walk.block.epoch) {
      open.lines.full = true
      return false
    }
    const before = walk.index
    open.lines.append(walk, end)
    return walk.index > before
  }

  #begin(target: Target, { block, index }: BlockWalk, now: number): OpenBatch {
    const { pool, prefix, size } = this.#options
    const { maxBytes, maxEvents } = this.#options.limits
    const limits = { maxBytes: Math.min(maxBytes, size?.limit ?? maxBytes), maxEvents }
    const { key, partition, refusal, planned } = target
    const origin = this.#origin + block.epoch
    const unlimited = { maxBytes: Number.POSITIVE_INFINITY, maxEvents: Number.POSITIVE_INFINITY }
    // A block's events weigh on their way out about what they weigh in the journal; more is found by doubling.
    const alone = this.#options.partition === undefined
    const bytes = alone
      ? Math.min(limits.maxBytes, Math.max(this.#sizes.bytes, block.payload.length * 1.25))
      : FIRST_BYTES
    const events = alone ? Math.min(limits.maxEvents, Math.max(this.#sizes.events, block.count)) : 0
    const open: OpenBatch = {
      key,
      origin,
      epoch: block.epoch,
      partition,
      refusal,
      planned,
      lines: new OutputLines(
        origin,
        planned === undefined ? limits : unlimited,
        pool.take(Math.ceil(bytes)),
        events,
      ),
      range: prefix.open(block.firstSeq + index, block.writtenTime),
      begun: now,
    }
    this.#open.set(key, open)
    return open
  }

  /** The targets of one event, at `index` of the block and `at` in its payload. May be none: it has been sent. */
  #targetsOf(source: Pending, index: number, at: number): readonly Target[] {
    const { block } = source.walk
    const { partition, planned } = this.#options
    const view = this.#view.at(block.payload, at, block.lengths[index]!)
    const sets = source.overrides?.variants(block.routes, index * block.routeWords, view) ?? noOverrides
    const targets = sets.map((set) => {
      if (partition !== undefined) return this.#targetFor(partition(view, set))
      return set === undefined ? everything : this.#targetFor(notAllowed(set))
    })
    if (planned === undefined || planned.empty) return targets
    return this.#afterPlans(targets, planned.covering(block.epoch, block.firstSeq + index))
  }

  /** One object for each partition, so that they can be compared at once. */
  #targetFor(partition: string | Unroutable): Target {
    if (partition === this.#latest.partition && this.#latest.refusal === undefined) return this.#latest
    const key = partition instanceof Unroutable ? `!${partition.reason}` : `=${partition}`
    let target = this.#targets.get(key)
    if (target === undefined) {
      target =
        partition instanceof Unroutable
          ? { key, partition: '', refusal: partition.reason }
          : { key, partition }
      // Names of days and tenants that have gone are not kept for ever.
      if (this.#targets.size > 4 * MOST_OPEN) this.#targets.clear()
      this.#targets.set(key, target)
    }
    this.#latest = target
    return target
  }

  /**
   * A plan takes the place of the target with its partition; where the configuration has changed since, of any: what was
   * fixed is sent as it was fixed, and once.
   */
  #afterPlans(targets: readonly Target[], cuts: readonly PlannedCut[]): readonly Target[] {
    if (cuts.length === 0) return targets
    const left = [...targets]
    for (const cut of cuts) {
      const same = left.findIndex(
        ({ partition, refusal }) => refusal === undefined && partition === cut.partition,
      )
      left.splice(Math.max(0, same), 1)
    }
    this.#options.passed?.(cuts.filter(({ done }) => done).length)
    const open = cuts.filter(({ done }) => !done)
    return [
      ...open.map((planned) => ({ key: `#${planned.id}`, partition: planned.partition, planned })),
      ...left,
    ]
  }
}

const noOverrides: readonly undefined[] = [undefined]

/** A sink without partitions lets no route set anything; a route of an older configuration may all the same. */
const notAllowed = (set: Overrides): Unroutable =>
  new Unroutable(`this sink lets no route set ${Object.keys(set).join(', ')}`)
