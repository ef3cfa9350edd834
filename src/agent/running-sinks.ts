/**
 * The sinks that run, each with its delivery. One that changes is stopped, and goes on as the new one where its cursor is; one
 * that is not configured any more leaves its cursor behind.
 */
import type { Delivery } from '../delivery/delivery.ts'
import { asError } from '../errors.ts'
import type { Sink } from '../sinks/sink.ts'
import { SharedBodies } from '../sinks/transport/shared-bodies.ts'
import { type BuildSinkOptions, type BuiltSink, buildSink } from './build-sink.ts'
import type { AgentConfig } from './config.ts'
import { differences } from './differences.ts'
import { forgetSink } from './gone-metrics.ts'
import { compileWithhold, withheldReceivers } from './withhold.ts'

export interface RunningSinksOptions
  extends Omit<BuildSinkOptions, 'name' | 'config' | 'bodies' | 'withhold'> {
  /** Resolves once no command works with the sink any more. */
  readonly release: (sink: string) => Promise<void>
}

interface SinkRecipe {
  readonly config: AgentConfig['sinks'][string]
  readonly withheld: ReadonlySet<string>
}

/** What is being sent when a sink changes or goes may be answered for so long. Milliseconds. */
const patience = 10_000

export class RunningSinks implements AsyncDisposable {
  readonly #options: RunningSinksOptions
  readonly #bodies = new SharedBodies()
  readonly #recipes = new Map<string, SinkRecipe>()
  readonly #open = new Map<string, BuiltSink>()

  constructor(options: RunningSinksOptions) {
    this.#options = options
  }

  get open(): ReadonlyMap<string, BuiltSink> {
    return this.#open
  }

  get deliveries(): readonly Delivery[] {
    return Array.from(this.#open.values(), ({ delivery }) => delivery)
  }

  get sinks(): readonly Sink[] {
    return Array.from(this.#open.values(), ({ sink }) => sink)
  }

  /**
   * Begins those that are new, or to be otherwise. What is not configured any more goes on until `end`.
   * @throws what the first of them says that cannot start
   */
  async begin(config: AgentConfig): Promise<void> {
    const wanted = recipesOf(config)
    const { added, changed } = differences(this.#recipes, wanted)
    const begun = await Promise.allSettled([
      ...changed.map(async (name) => {
        await this.#leave(name)
        await this.#start(name, wanted.get(name)!, config)
      }),
      ...added.map((name) => this.#start(name, wanted.get(name)!, config)),
    ])
    this.#sortAs(wanted.keys())
    const failed = begun.find((each) => each.status === 'rejected')
    if (failed) throw asError(failed.reason)
  }

  /** They open at the same time; what is told of them is in the order of the configuration. */
  #sortAs(names: Iterable<string>): void {
    for (const name of names) {
      const built = this.#open.get(name)
      if (built === undefined) continue
      this.#open.delete(name)
      this.#open.set(name, built)
    }
  }

  /** Ends those that are not configured any more. Their cursors stay, and keep what they have not had. */
  async end({ sinks }: Pick<AgentConfig, 'sinks'>): Promise<void> {
    const { journal, metrics } = this.#options
    const gone = [...this.#recipes.keys()].filter((name) => !Object.hasOwn(sinks, name))
    await Promise.all(gone.map((name) => this.#leave(name)))
    for (const name of gone) {
      journal.leaveCursor(name)
      forgetSink(name, metrics)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#open.keys(), (name) => this.#stop(name, 0)))
  }

  async #start(name: string, recipe: SinkRecipe, config: AgentConfig): Promise<void> {
    const withhold = compileWithhold(config)
    const { config: own } = recipe
    const built = await buildSink({ ...this.#options, name, config: own, bodies: this.#bodies, withhold })
    try {
      await built.delivery.start()
    } catch (thrown) {
      await built.delivery.stop(0).catch(() => undefined)
      throw thrown
    }
    this.#open.set(name, built)
    this.#recipes.set(name, recipe)
  }

  /** What it was held for is over, on record too: whatever takes its place begins anew. */
  async #leave(name: string): Promise<void> {
    const isHeld = this.#open.get(name)?.delivery.status().state === 'held'
    await this.#stop(name, patience)
    if (isHeld) this.#options.notify({ kind: 'resumed', sink: name })
  }

  async #stop(name: string, milliseconds: number): Promise<void> {
    const built = this.#open.get(name)
    this.#open.delete(name)
    this.#recipes.delete(name)
    await this.#options.release(name)
    await built?.delivery.stop(milliseconds)
  }
}

function recipesOf(config: AgentConfig): ReadonlyMap<string, SinkRecipe> {
  const withheld = withheldReceivers(config)
  return new Map(Object.entries(config.sinks).map(([name, own]) => [name, { config: own, withheld }]))
}
