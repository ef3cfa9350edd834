/**
 * Reads the configuration again and has the pipeline become it: all of it, or nothing. Invariants: one reload at a time, and
 * who asks meanwhile is answered by one more behind it, which reads what is there then; what is refused has changed nothing, or
 * is put back, and where that fails, tried again until it is; each change, and each refusal, is on record.
 */
import type { Clock } from '../clock.ts'
import type { Inspection } from '../config/load.ts'
import { printProblem } from '../config/problem.ts'
import { AffiantError, asError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AgentConfig } from './config.ts'
import { changesOf, fixedIn, isSameConfig } from './config-changes.ts'
import type { ConfigInUse, HashedConfig } from './config-in-use.ts'
import type { Requester } from './operation.ts'
import type { OwnLog } from './own-log.ts'
import type { Pipeline } from './pipeline.ts'
import type { Phase } from './readiness.ts'
import { configRefused, configReloaded } from './reload-notes.ts'
import { foundAs, type ReloadReport, reported } from './reload-report.ts'

/** Why it is read again. */
export interface ReloadRequest {
  readonly trigger: 'signal' | 'watch' | 'command'
  /** Of a command. */
  readonly requester?: Requester
}

export interface ReloadsOptions {
  readonly inUse: ConfigInUse
  readonly phase: () => Phase
  /** All problems as values. @throws AffiantError config_unreadable */
  readonly read: () => Promise<Inspection<AgentConfig>>
  /** Beside what runs. @throws what cannot be so */
  readonly tryOut: (from: AgentConfig, to: AgentConfig) => Promise<void>
  readonly pipeline: Pick<Pipeline, 'become' | 'putBack'>
  readonly ownLog: Pick<OwnLog, 'write'>
  /** Called when another configuration runs and that is on record: the next start compares itself with it. */
  readonly recorded: (hash: string) => Promise<void>
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Log
  readonly metrics: Pick<Metrics, 'configReloads' | 'configInfo'>
}

/** Between two tries to put back what could not be: from, to. Milliseconds. */
const shortest = 1_000
const longest = 30_000

export class Reloads implements AsyncDisposable {
  readonly #options: ReloadsOptions
  #under: Promise<unknown> | undefined
  #next: Promise<ReloadReport> | undefined
  /** Of all changes and refusals until now, one after the other. */
  #recorded: Promise<unknown> = Promise.resolve()
  #fault: string | null = null
  #mending: Promise<void> | undefined
  readonly #closed = new AbortController()

  constructor(options: ReloadsOptions) {
    this.#options = options
    this.#show()
  }

  /** Why not all of it runs: one sentence, or null. */
  get fault(): string | null {
    return this.#fault
  }

  /** Never rejects. */
  request(request: ReloadRequest): Promise<ReloadReport> {
    if (this.#next !== undefined) return this.#next
    if (this.#under === undefined) return this.#begin(request)
    this.#next = this.#under.then(() => {
      this.#next = undefined
      return this.#begin(request)
    })
    return this.#next
  }

  /** Does something while nothing is read again; what comes meanwhile is read behind it. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#under !== undefined) await this.#under
    // Whoever waits for it is not concerned with what it says.
    const done = await this.#alone(() =>
      work().then(
        (value) => ({ value }),
        (thrown: unknown) => ({ thrown }),
      ),
    )
    if ('thrown' in done) throw done.thrown
    return done.value
  }

  /** Resolves when none is under way, nor will be. */
  async ended(): Promise<void> {
    this.#closed.abort()
    await (this.#next ?? this.#under)
    await this.#mending
  }

  /** Once nothing more is recorded. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.ended()
    await this.#recorded
  }

  #begin(request: ReloadRequest): Promise<ReloadReport> {
    return this.#alone(async () => this.#tell(await this.#reload(), request))
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const under = work().finally(() => {
      if (this.#under === under) this.#under = undefined
    })
    this.#under = under
    return under
  }

  async #reload(): Promise<ReloadReport> {
    const { inUse, phase, read } = this.#options
    if (phase() !== 'running') {
      return this.#refused(null, new AffiantError('agent_not_running', `the agent is ${phase()}`))
    }
    let found: Inspection<AgentConfig>
    try {
      found = await read()
    } catch (thrown) {
      return this.#refused(null, thrown)
    }
    const { hash, problems, config } = found
    if (config === undefined) {
      const errors = problems.filter(({ severity }) => severity === 'error').length
      const counted = errors === 1 ? 'one error' : `${errors} errors`
      return this.#refused(found, new AffiantError('config_invalid', `the configuration has ${counted}`))
    }
    const before = { config: inUse.config, hash: inUse.hash }
    if (this.#fault === null && hash === before.hash && isSameConfig(config, before.config)) {
      return { ...this.#report(found), outcome: 'unchanged' }
    }
    const fixed = fixedIn(before.config, config)
    if (fixed.length > 0) {
      const hint = 'restart the agent for them, or put them back; nothing of the file has taken effect'
      const reason = `what is read at a start only has changed: ${fixed.join(', ')}`
      return this.#refused(found, new AffiantError('restart_needed', reason, { hint }))
    }
    const failure = await this.#options
      .tryOut(before.config, config)
      .then(() => this.#become({ config, hash }, before), asError)
    if (failure !== undefined) return this.#refused(found, failure)
    return { ...this.#report(found, before.hash), outcome: 'changed', ...changesOf(before.config, config) }
  }

  /** Why it did not: what ran before runs again. */
  async #become(next: HashedConfig, before: HashedConfig): Promise<Error | undefined> {
    const { pipeline, inUse, log } = this.#options
    try {
      // Streams that are opened meanwhile say under which configuration.
      inUse.use(next)
      await pipeline.become(next.config)
      this.#fault = null
      return undefined
    } catch (thrown) {
      inUse.use(before)
      await this.#putBack()
      if (this.#fault !== null) {
        log.fatal({ reason: this.#fault }, 'not all of the configuration runs; the rest of it is tried again')
        this.#mending ??= this.#mend().finally(() => (this.#mending = undefined))
      }
      return asError(thrown)
    }
  }

  async #putBack(): Promise<void> {
    const { pipeline, inUse } = this.#options
    try {
      await pipeline.putBack(inUse.config)
      this.#fault = null
    } catch (thrown) {
      this.#fault = `what ran before a refused configuration could not be put back: ${asError(thrown).message}`
    }
  }

  /** Until it is put back, another configuration runs, or the agent stops. */
  async #mend(): Promise<void> {
    const { clock, log, phase } = this.#options
    const { signal } = this.#closed
    for (let wait = shortest; this.#fault !== null; wait = Math.min(longest, 2 * wait)) {
      await clock.sleep(wait, signal).catch(() => {})
      if (signal.aborted || phase() !== 'running') return
      // What comes next puts back what it finds.
      if (this.#under !== undefined) continue
      await this.#alone(() => this.#putBack())
      if (this.#fault === null) log.warn({}, 'all of the configuration runs again')
    }
  }

  #report(
    found: Inspection<AgentConfig> | null,
    from = this.#options.inUse.hash,
  ): Omit<ReloadReport, 'outcome'> {
    const none = { added: [], changed: [], removed: [], code: null, reason: null, hint: null }
    const kind = 'reloaded'
    const problems = (found?.problems ?? []).map(reported)
    return { kind, ...none, from, to: found?.hash ?? null, problems }
  }

  #refused(found: Inspection<AgentConfig> | null, thrown: unknown): ReloadReport {
    const { code = 'internal', hint = null } = thrown instanceof AffiantError ? thrown : {}
    const reason = asError(thrown).message
    return { ...this.#report(found), outcome: 'refused', code, reason, hint }
  }

  #tell(report: ReloadReport, request: ReloadRequest): ReloadReport {
    const { log, metrics, ownLog, recorded } = this.#options
    const { outcome, from, to, added, changed, removed, reason, hint } = report
    const { trigger } = request
    metrics.configReloads.inc({ result: outcome })
    const problems = report.problems.map((each) => printProblem(foundAs(each)))
    const more = { trigger, ...(problems.length > 0 && { problems }) }
    if (outcome === 'refused') {
      const why = { reason, ...(hint !== null && { hint }), config: from, refused: to }
      log.error({ ...more, ...why }, 'the configuration was not changed: what was read is refused')
      this.#record(() => ownLog.write(configRefused(report, request)))
    } else if (outcome === 'unchanged') log.info({ ...more, config: from }, 'the configuration is unchanged')
    else {
      this.#show()
      log.info({ ...more, from, to, added, changed, removed }, 'the configuration has changed')
      const { hash } = this.#options.inUse
      this.#record(async () => {
        if (await ownLog.write(configReloaded(report, request))) await recorded(hash)
      })
    }
    return report
  }

  #record(write: () => Promise<unknown>): void {
    this.#recorded = this.#recorded.then(write).catch((thrown: unknown) => {
      const reason = asError(thrown).message
      this.#options.log.warn({ reason }, 'the next start may record this change once more')
    })
  }

  #show(): void {
    const { inUse, metrics } = this.#options
    metrics.configInfo.reset()
    metrics.configInfo.set({ sha256: inUse.hash }, 1)
  }
}
