/**
 * The last resort: what required sinks have not settled when draining ends goes to the fallback, and to the sinks all the same
 * once they take it: no cursor moves by it. Invariant: in a run an event goes once, however often it is asked for, and for
 * however many sinks at a time.
 */
import type { Clock } from '../clock.ts'
import type { DeliveryNotice } from '../delivery/condition.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { Replay } from '../delivery/replay.ts'
import { UnsettledJournal } from '../delivery/unsettled-journal.ts'
import { asError } from '../errors.ts'
import type { Journal } from '../journal/contract.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BuiltSink } from './build-sink.ts'
import type { AgentConfig } from './config.ts'
import { type HandoverNote, type HandoverResult, handedOver, handoverStarted } from './handover-notes.ts'
import type { OwnLog } from './own-log.ts'
import { recordEnd } from './replay-notes.ts'
import type { RoutesInUse } from './routes-in-use.ts'
import { compileWithhold } from './withhold.ts'

/** What is on its way when the time is over; and what is put on record. Milliseconds. */
const rest = 1_000
/** For counting what could not be sent in time. Milliseconds. */
const counting = 2_000

export interface HandoverOptions {
  /** The one in force. */
  readonly config: () => Pick<AgentConfig, 'agent' | 'attribution' | 'receivers'>
  /** Those that run, by name. */
  readonly sinks: ReadonlyMap<string, BuiltSink>
  readonly journal: Pick<Journal, 'origin' | 'read'>
  readonly routes: Pick<RoutesInUse, 'table'>
  readonly ownLog: Pick<OwnLog, 'write'>
  readonly notify: (notice: DeliveryNotice) => void
  readonly metrics: Pick<Metrics, 'eventsReplayed'>
  readonly clock: Clock
  readonly log: Log
}

export interface HandoverRequest {
  /** Those that have not settled everything below `to`. */
  readonly late: readonly Delivery[]
  readonly to: number
  readonly signal: AbortSignal
  /** Milliseconds. @default as `agent.fallback` says */
  readonly timeout?: number
  /** What comes behind the last own event is not on record. @default true */
  readonly recorded?: boolean
}

export interface HandedOver extends HandoverResult {
  readonly fallback: string
  /** Events that it accepted, and that it gets by routes of its own. */
  readonly accepted: number
  readonly elsewhere: number
}

export class Handover {
  readonly #options: HandoverOptions
  /** By sink: whatever it had not settled below is with the fallback. */
  readonly #below = new Map<string, number>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: HandoverOptions) {
    this.#options = options
  }

  /** The fallback's name, where there is one. */
  get sink(): string | undefined {
    return this.#options.config().agent.fallback?.sink
  }

  /** One at a time: who comes second waits, and finds less to do. Undefined where nobody needs it. Never rejects. */
  run(request: HandoverRequest): Promise<HandedOver | undefined> {
    const running = this.#last.then(() => this.#run(request))
    this.#last = running
    return running
  }

  async #run({ late, to, signal, timeout, recorded = true }: HandoverRequest) {
    const { config, sinks, journal, routes, ownLog, metrics, clock, log } = this.#options
    const { fallback } = config().agent
    const own = fallback && sinks.get(fallback.sink)
    if (fallback === undefined || own === undefined) return undefined
    const { sink: name } = fallback
    const maskOf = (sink: string) => async (hash: string) =>
      (await routes.table.selectionFor(sink, hash)).mask
    const required = late.flatMap((delivery) => {
      const sink = delivery.status().name
      if (sink === name || sinks.get(sink)?.config.required !== true) return []
      const unsettled = delivery.unsettled()
      const from = Math.max(this.#below.get(sink) ?? 0, unsettled.settled)
      return [{ name: sink, unsettled, from, maskOf: maskOf(sink) }]
    })
    if (required.length === 0) return undefined
    const from = Math.min(...required.map((sink) => sink.from))
    if (from >= to) return { ...nothing, fallback: name, settled: to }

    const view = new UnsettledJournal({ journal, from, to, sinks: required, without: maskOf(name) })
    const note: HandoverNote = { fallback: name, from, to }
    const names = required.map((sink) => sink.name)
    if (recorded) await recordEnd(ownLog, handoverStarted(note, names), clock, rest)
    const ended = AbortSignal.any([signal, AbortSignal.timeout(timeout ?? fallback.timeout)])
    const sent = await this.#send(view, own, note, ended)
    for (const sink of required) this.#below.set(sink.name, Math.max(sink.from, sent.settled))
    metrics.eventsReplayed.inc({ sink: name, source: 'handover' }, sent.accepted)
    const { accepted, outcome, reason } = sent
    log.warn(
      { sinks: names, fallback: name, outcome, reason },
      `${accepted} event(s) were handed over to ${name}`,
    )
    if (recorded) {
      if (outcome !== 'done') await view.count(AbortSignal.timeout(counting)).catch(() => false)
      const ends = names.map((sink) => handedOver(sink, note, view.found.get(sink)!, sent))
      await Promise.all(ends.map((draft) => recordEnd(ownLog, draft, clock, rest)))
    }
    return { ...sent, elsewhere: view.left, fallback: name }
  }

  async #send(
    view: UnsettledJournal,
    { sink, config, deadLetters, delivery }: BuiltSink,
    { from, to }: HandoverNote,
    ended: AbortSignal,
  ) {
    const { config: configured, notify, clock, log } = this.#options
    const replay = new Replay({
      sink,
      journal: view,
      from,
      to: to - 1,
      select: view.selection,
      config,
      deadLetters,
      withhold: compileWithhold(configured()),
      clock,
      random: Math.random,
      log,
      prefix: `handover/${from}-${to - 1}/`,
      patience: rest,
      lettered: notify,
    })
    // Once it has stopped, it does not say any more what it waited for.
    let waited: string | undefined
    ended.addEventListener('abort', () => (waited = replay.progress.waiting), { once: true })
    const ran = await replay.run(ended).catch(asError)
    // What it gets by routes of its own it must have as well.
    const has = ran === true && view.left > 0 ? delivery.settledThrough(to, ended) : Promise.resolve()
    const late = await has.then(
      () => false,
      () => true,
    )
    const { settled, accepted, deadLettered: refused, missing } = replay.progress
    const gone = missing.length > 0 ? 'some of it could not be read from the journal any more' : null
    const outcome = ran instanceof Error ? 'failed' : !ran || late ? 'ended' : 'done'
    const reason =
      ran instanceof Error ? ran.message : outcome === 'ended' ? (waited ?? 'its time was over') : gone
    return { outcome, accepted, refused, settled, reason } as const
  }
}

const nothing = { outcome: 'done', accepted: 0, refused: 0, elsewhere: 0, reason: null } as const
