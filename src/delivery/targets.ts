/** Where the events of one sink go: into which batch, one for each partition, refusal, or cut of an earlier run. */
import type { CommittedBlock } from '../journal/contract.ts'
import { type EventView, type Overrides, type Partitioner, Unroutable } from '../sinks/sink.ts'
import { EventAt } from './event-at.ts'
import type { BlockWalk } from './output-lines.ts'
import type { PlannedCut, PlannedCuts } from './planned-cut.ts'

/** What routes set for this sink, event by event. */
export interface OverrideSource {
  /** What the matched routes (words `[at, at + routeWords)`) set for it, each difference once; never empty. */
  variants(routes: Uint32Array, at: number, view: EventAt): readonly (Overrides | undefined)[]
}

export interface TargetsOptions {
  readonly partition?: Partitioner | undefined
  /** Why an event may not go to any sink; undefined of those that may. */
  readonly withhold?: ((view: EventView) => Unroutable | undefined) | undefined
  /** What an earlier run had fixed. */
  readonly planned?: PlannedCuts | undefined
  /** `events` of a settled plan were passed over: this sink has them. */
  readonly passed?: (events: number) => void
}

/** Where one event goes: a partition, a refusal, or a cut that an earlier run had fixed. */
export interface Target {
  readonly key: string
  readonly partition: string
  readonly refusal?: string
  readonly planned?: PlannedCut
}

/** Where all goes that goes as it comes. */
export const everything: Target = { key: '', partition: '' }

/** Names of days and tenants that have gone are not kept for ever. */
const MOST_KEPT = 256

export class Targets {
  readonly #options: TargetsOptions
  readonly #view = new EventAt()
  readonly #known = new Map<string, Target>()
  /** Most events go where the one before went. */
  #latest: Target = everything

  constructor(options: TargetsOptions) {
    this.#options = options
  }

  /** Nothing of what is read now was in a batch of an earlier run. */
  get fresh(): boolean {
    return this.#options.planned?.empty ?? true
  }

  /** Neither partitions, overrides nor plans: events go as they come. */
  areOne(overrides: OverrideSource | undefined): boolean {
    const { partition, withhold } = this.#options
    return partition === undefined && withhold === undefined && overrides === undefined && this.fresh
  }

  /** The targets of one event, at `index` of the block and `at` in its payload. May be none: it has been sent. */
  of(
    block: CommittedBlock,
    index: number,
    at: number,
    overrides: OverrideSource | undefined,
  ): readonly Target[] {
    const { partition, planned, withhold } = this.#options
    const view = this.#view.at(block.payload, at, block.lengths[index]!)
    const withheld = withhold?.(view)
    if (withheld !== undefined) return [this.#targetFor(withheld)]
    const sets = overrides?.variants(block.routes, index * block.routeWords, view) ?? noOverrides
    const targets = sets.map((set) => {
      if (partition !== undefined) return this.#targetFor(partition(view, set))
      return set === undefined ? everything : this.#targetFor(notAllowed(set))
    })
    if (planned === undefined || planned.empty) return targets
    return this.#afterPlans(targets, planned.covering(block.epoch, block.firstSeq + index))
  }

  /** Where, up to `end`, the events from `walk.index` stop going where the first of them goes. */
  sameFrom(walk: BlockWalk, target: Target, end: number, overrides: OverrideSource | undefined): number {
    const { block } = walk
    const { lengths, payload } = block
    const { partition, withhold } = this.#options
    let at = walk.payloadAt + lengths[walk.index]! + 1
    for (let index = walk.index + 1; index < end; index++) {
      if (overrides === undefined && partition !== undefined && withhold === undefined) {
        const view = this.#view.at(payload, at, lengths[index]!)
        if (this.#targetFor(partition(view, undefined)) !== target) return index
      } else {
        const next = this.of(block, index, at, overrides)
        if (next.length !== 1 || next[0] !== target) return index
      }
      at += lengths[index]! + 1
    }
    return end
  }

  /** One object for each partition, so that they can be compared at once. */
  #targetFor(partition: string | Unroutable): Target {
    if (partition === this.#latest.partition && this.#latest.refusal === undefined) return this.#latest
    const key = partition instanceof Unroutable ? `!${partition.reason}` : `=${partition}`
    let target = this.#known.get(key)
    if (target === undefined) {
      target =
        partition instanceof Unroutable
          ? { key, partition: '', refusal: partition.reason }
          : { key, partition }
      if (this.#known.size > MOST_KEPT) this.#known.clear()
      this.#known.set(key, target)
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
