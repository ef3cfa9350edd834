/**
 * The receivers that run. One that changes is stopped first, since it gives its address and its files to the one that takes its
 * place; that goes on where it was.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.ts'
import type { Journal } from '../journal/contract.ts'
import { StreamClaims } from '../receivers/file/identity/claims.ts'
import { Selections } from '../receivers/kubernetes/selections.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Notify } from '../receivers/server/notice.ts'
import type { RecentMarks } from '../receivers/server/recent-marks.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { buildReceiver } from './build-receiver.ts'
import type { AgentConfig } from './config.ts'
import { type Differences, differences } from './differences.ts'
import { FileReaders } from './file-readers.ts'
import { forgetReceiver } from './gone-metrics.ts'
import { createIntake } from './intake.ts'
import { createIntakeMeter, type IntakeMeter, type IntakeTotals } from './intake-meter.ts'
import type { Ledger } from './ledger.ts'
import type { Normalisers } from './normalisers.ts'
import type { OwnEvents } from './own-events.ts'
import type { OwnLog } from './own-log.ts'
import { tellOfPod } from './pod-notes.ts'
import { recallMarks } from './recall-marks.ts'
import { followsFiles, isSameReceiver, type ReceiverRecipe, recipeOf } from './receiver-recipe.ts'
import type { RouteNotes } from './route-notes.ts'
import type { RoutesInUse } from './routes-in-use.ts'
import { tellOfServer } from './server-notes.ts'

export interface RunningReceiversOptions {
  readonly agentId: string
  readonly journal: Journal
  readonly ledger: Ledger
  readonly routes: RoutesInUse
  readonly normalisers: Normalisers
  readonly ownEvents: OwnEvents
  readonly ownLog: Pick<OwnLog, 'record'>
  readonly routeNotes: Pick<RouteNotes, 'dropped'>
  /** Those that listen are not started. */
  readonly once: boolean
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** What is known of the run before. Unix milliseconds. */
export interface LastRun {
  /** When the same configuration ran last. */
  readonly ranUntil: number | undefined
  /** When the newest event was written. */
  readonly lastWritten: number | undefined
}

interface Marked {
  /** As configured. */
  readonly duplicates: unknown
  readonly marks: RecentMarks
}

export class RunningReceivers implements AsyncDisposable {
  readonly #options: RunningReceiversOptions
  readonly #claims = new StreamClaims()
  readonly #selections = new Selections()
  readonly #readers = new FileReaders()
  /** Of all that ever ran: what they counted stays counted. */
  readonly #meters = new Map<string, IntakeMeter>()
  readonly #marks = new Map<string, Marked>()
  /** When a receiver that changes stopped, unix milliseconds. */
  readonly #stopped = new Map<string, number>()
  readonly #recipes = new Map<string, ReceiverRecipe>()
  readonly #running = new Map<string, Receiver>()

  constructor(options: RunningReceiversOptions) {
    this.#options = options
  }

  get all(): readonly Receiver[] {
    return [...this.#running.values()]
  }

  get totals(): ReadonlyMap<string, Readonly<IntakeTotals>> {
    return new Map(Array.from(this.#meters, ([name, { totals }]) => [name, totals]))
  }

  /** Whether there are some that `end` ends. */
  ends(config: AgentConfig): boolean {
    const { changed, removed } = this.#differences(config)
    return changed.length + removed.length > 0
  }

  /** Ends those that are not configured any more, or are to be otherwise: what they took in is committed. */
  async end(config: AgentConfig): Promise<void> {
    const { changed, removed } = this.#differences(config)
    const leaving = new Set([...changed, ...removed])
    // What several would read changes hands with all that is known of it: those that may get it begin anew.
    if (leaving.values().some((name) => this.#claims.isContested(name))) {
      for (const [name, { config: own }] of this.#recipes) if (followsFiles(own)) leaving.add(name)
    }
    const now = this.#options.clock.now()
    await this.#stop([...leaving])
    for (const name of leaving) {
      this.#claims.leave(name)
      this.#stopped.set(name, now)
    }
    for (const name of removed) {
      this.#stopped.delete(name)
      this.#selections.remove(name)
      forgetReceiver(name, this.#options.metrics)
    }
  }

  /** Begins those that are configured and do not run. `failed`: called with what one says that cannot; may throw that. */
  async begin(config: AgentConfig, failed: (thrown: unknown) => void, last?: LastRun): Promise<void> {
    this.#readers.use(config)
    const names = this.#differences(config).added
    await this.#recall(names, config, last?.lastWritten ?? this.#options.clock.now())
    try {
      for (const name of names) {
        const ranUntil = this.#stopped.get(name) ?? last?.ranUntil
        await this.#build(name, config, ranUntil).then((built) => this.#running.set(name, built), failed)
      }
      for (const name of names) {
        const receiver = this.#running.get(name)
        if (receiver === undefined) continue
        await receiver.start().then(() => this.#hasBegun(name, config), failed)
      }
    } finally {
      await this.#stop(names.filter((name) => !this.#recipes.has(name)))
    }
  }

  #hasBegun(name: string, config: AgentConfig): void {
    this.#recipes.set(name, recipeOf(name, config))
    this.#stopped.delete(name)
  }

  /** All of them; whatever one has to say, the others are stopped. */
  async stop(): Promise<void> {
    await this.#stop([...this.#running.keys()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #differences(config: AgentConfig): Differences {
    const { once } = this.#options
    const wanted = Object.entries(config.receivers).flatMap(([name, { type }]) =>
      once && !followsFiles({ type }) ? [] : [[name, recipeOf(name, config)] as const],
    )
    return differences(this.#recipes, new Map(wanted), isSameReceiver)
  }

  async #stop(names: readonly string[]): Promise<void> {
    const stopping = names.map(async (name) => {
      const receiver = this.#running.get(name)
      this.#running.delete(name)
      this.#recipes.delete(name)
      await receiver?.stop()
    })
    for (const stopped of await Promise.allSettled(stopping)) {
      if (stopped.status === 'rejected')
        this.#options.log.error({ err: stopped.reason }, 'a receiver did not stop cleanly')
    }
  }

  /** What they took in lately, for those that are to know what is sent again. */
  async #recall(names: readonly string[], config: AgentConfig, until: number): Promise<void> {
    const { journal, clock, log, once } = this.#options
    if (once) return
    const unknown = names.flatMap((name) => {
      const own = config.receivers[name]
      if (own === undefined || !('duplicates' in own)) return []
      const isKept = isDeepStrictEqual(this.#marks.get(name)?.duplicates, own.duplicates)
      return isKept ? [] : [[name, own] as const]
    })
    const receivers = Object.fromEntries(unknown)
    const found = await recallMarks({ receivers, journal, until, clock, log })
    for (const [name, { duplicates }] of unknown) {
      const marks = found.get(name)
      if (marks === undefined) this.#marks.delete(name)
      else this.#marks.set(name, { duplicates, marks })
    }
  }

  async #build(name: string, config: AgentConfig, ranUntil: number | undefined): Promise<Receiver> {
    const { normalisers, ownLog } = this.#options
    const notify: Notify = (notice) => tellOfServer(notice, ownLog)
    const meter = this.#meter(name)
    const intake = createIntake({ ...this.#options, normaliser: normalisers.of(name), meter, notify })
    return await buildReceiver({
      ...this.#options,
      name,
      config: config.receivers[name]!,
      intake,
      claims: this.#claims,
      selections: this.#selections,
      reads: (receiver, path) => this.#readers.read(receiver, path),
      ranUntil,
      notify,
      notifyOfPod: (notice) => tellOfPod(notice, ownLog),
      recent: this.#marks.get(name)?.marks,
      workers: config.agent.workers,
    })
  }

  #meter(name: string): IntakeMeter {
    const { metrics, routeNotes } = this.#options
    const meter = this.#meters.get(name) ?? createIntakeMeter(name, metrics, routeNotes)
    this.#meters.set(name, meter)
    return meter
  }
}
