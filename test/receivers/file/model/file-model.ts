/** The file receiver on a real directory beside a plain model of it: which lines were written, and which were taken. */
import { MemoryIntake } from '../../memory-intake.ts'
import { Bench } from '../harness.ts'
import { hurriedClock } from './hurried-clock.ts'
import { faults, Ledger } from './ledger.ts'
import { type Generation, Log } from './log.ts'
import { NotYet } from './not-yet.ts'
import type { Script, Settings, Step } from './script.ts'

const names = ['app.log', 'web.log', 'mail.log']
/** Of chunks: lines travel in several, and some are longer. */
const chunkSize = 1_000
/** Milliseconds of the hurried clock. */
const holdFor = 10_000
const grace = 3_000

type Running = Awaited<ReturnType<Bench['start']>>

export class FileModel {
  readonly #settings: Settings
  readonly #bench: Bench
  readonly #logs: readonly Log[]
  readonly #intake = new MemoryIntake()
  readonly #patience: number
  readonly #notYet: NotYet
  readonly #ledger = new Ledger(this.#intake)
  #running: (Running & { readonly kill: AbortController }) | null = null

  private constructor(bench: Bench, settings: Settings, patience: number) {
    this.#bench = bench
    this.#settings = settings
    this.#patience = patience
    this.#notYet = new NotYet(settings)
    this.#logs = names.slice(0, settings.logs).map((name) => new Log(bench.path(name), settings.names))
  }

  /** `patience`: milliseconds within which everything that can be read has to be. */
  static async run({ settings, steps }: Script, patience = 8_000): Promise<void> {
    await using bench = await Bench.create()
    const model = new FileModel(bench, settings, patience)
    await model.#start()
    // A log of which nobody has read a line yet is not known to be one: what becomes of it unseen is not looked for.
    for (const log of model.#logs) log.append(1, 20, false)
    await model.#caughtUp()
    for (const step of steps) await model.#step(step)
    await model.#end()
  }

  async #step(step: Step): Promise<void> {
    const log = this.#logOf(step)
    const running = this.#running !== null
    if (this.#notYet.waits(step, log)) {
      log.finish()
      await this.#caughtUp()
    }
    if (this.#notYet.leavesOut(step, log, running)) return
    await this.#do(step, log)
    this.#notYet.done(step, log, running)
  }

  async #do(step: Step, log: Log): Promise<void> {
    switch (step.kind) {
      case 'append':
        return log.append(step.lines, step.width, step.unfinished)
      case 'rename':
        return log.rename(step.late, step.create)
      case 'copytruncate':
        return log.copyTruncate()
      case 'compress':
        return log.compress()
      case 'compressed':
        return log.compressed()
      case 'delete':
        return await this.#whenRead(
          log,
          (log) => log.oldest,
          (log) => log.delete(),
        )
      case 'truncate':
        return await this.#whenRead(
          log,
          (log) => log.current,
          (log) => log.truncate(),
        )
      case 'replace':
        return await this.#whenRead(
          log,
          (log) => log.current,
          (log) => log.replace(step.lines),
        )
      case 'header':
        log.header = step.shared ? 'all begin with this' : `${step.log} begins with this`
        return
      case 'stall':
        return this.#intake.hold()
      case 'relieve':
        return this.#intake.relieve()
      case 'stop':
        this.#intake.relieve()
        return await this.#stop()
      case 'crash':
        this.#running?.kill.abort()
        return await this.#stop()
      case 'start':
        return await this.#start()
      case 'wait':
        return await this.#caughtUp()
      case 'pause':
        await new Promise((resolve) => setTimeout(resolve, step.ms))
    }
  }

  #logOf(step: Step): Log {
    return this.#logs['log' in step ? step.log % this.#logs.length : 0]!
  }

  /** What is taken away was read before: so nothing that is missing in the end was lost by whoever wrote it. */
  async #whenRead(log: Log, which: (log: Log) => Generation, then: (log: Log) => void): Promise<void> {
    log.finish()
    await this.#caughtUp()
    if (!this.#isTaken(which(log))) return
    then(log)
  }

  async #start(): Promise<void> {
    if (this.#running) return
    const { matchesRotated, watch } = this.#settings
    const kill = new AbortController()
    const running = await this.#bench.start({
      include: this.#logs.map((_, i) => (matchesRotated ? `${names[i]}*` : names[i]!)),
      more: { watch },
      intake: this.#intake,
      known: this.#intake.known(),
      clock: hurriedClock,
      signal: kill.signal,
      chunkSize,
      holdFor,
      grace,
    })
    this.#running = { ...running, kill }
  }

  async #stop(): Promise<void> {
    await this.#running?.receiver.stop()
    this.#running = null
    this.#intake.relieve()
  }

  async #end(): Promise<void> {
    for (const log of this.#logs) {
      log.finish()
      log.compressed()
    }
    // What is read late is read twice.
    for (const again of [true, false]) {
      await this.#start()
      await this.#caughtUp()
      await this.#decided()
      this.#check()
      if (again) await this.#stop()
    }
  }

  /** Every complete line is taken. */
  async #caughtUp(): Promise<void> {
    if (!this.#running) return
    // Nobody compresses for as long as this may take: what is incomplete for long counts as all there is.
    for (const log of this.#logs) log.compressed()
    this.#intake.relieve()
    await this.#until(() => this.#missing())
    this.#notYet.caughtUp()
    this.#check()
  }

  /** No file waits for others to tell what it is. */
  async #decided(): Promise<void> {
    await this.#until(async () => {
      const files = (await this.#running?.receiver.files?.(100)) ?? []
      return files.filter(({ state, size }) => state === 'waiting' && size).map(({ path }) => path)
    })
  }

  async #until(left: () => readonly string[] | Promise<readonly string[]>): Promise<void> {
    const deadline = performance.now() + this.#patience
    for (let waited = await left(); waited.length > 0; waited = await left()) {
      if (performance.now() > deadline) this.#fail('waited for in vain', waited)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  /** Complete lines that are not taken. */
  #missing(): string[] {
    const taken = this.#ledger.taken()
    return this.#generations()
      .flatMap(({ lines }) => lines)
      .filter(({ text }) => !taken.has(text))
      .map(({ text }) => text)
  }

  #isTaken(generation: Generation): boolean {
    const taken = this.#ledger.taken()
    return generation.lines.every(({ text }) => taken.has(text))
  }

  #generations(): readonly Generation[] {
    return this.#logs.flatMap(({ generations }) => generations)
  }

  #check(): void {
    const wrong = faults(this.#ledger, this.#generations())
    if (wrong.length > 0) this.#fail('the model disagrees', wrong)
  }

  #fail(what: string, seen: readonly string[]): never {
    const status = this.#running?.receiver.status()
    const logs = this.#running?.logs.map(({ msg, path }) => `${path}: ${msg}`)
    throw new Error(`${what}: ${JSON.stringify({ seen, status, logs }, null, 1)}`)
  }
}
