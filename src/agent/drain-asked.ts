/**
 * `affiant drain`: what is in the files, and what is committed by then, is settled by every sink, or handed over. The agent
 * goes on all the while: receivers that listen take what still comes, and what is committed later is for the end of the run.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { abortable, type Clock } from '../clock.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { AffiantError } from '../errors.ts'
import type { Journal } from '../journal/contract.ts'
import type { DrainEnd, DrainProgress, DrainRequest } from './drain-message.ts'
import type { HandedOver, Handover } from './handover.ts'
import { agentDrained } from './handover-notes.ts'
import type { Ledger } from './ledger.ts'
import type { OwnLog } from './own-log.ts'
import type { Phase } from './readiness.ts'
import { recordEnd } from './replay-notes.ts'
import type { RoutesInUse } from './routes-in-use.ts'
import type { RunningReceivers } from './running-receivers.ts'
import type { RunningSinks } from './running-sinks.ts'
import { unreadOf, unsettledOf } from './shortfall.ts'

/** How often it is told how far it is. Milliseconds. */
const every = 250
/** For its own event. Milliseconds. */
const recording = 1_000
/** For sinks, when reading took all the time. Milliseconds. */
const moment = 1_000

/** What draining works on. Receivers and sinks are those of the moment. */
export interface DrainHost {
  readonly dataDir: string
  readonly phase: () => Phase
  readonly receivers: Pick<RunningReceivers, 'all'>
  readonly sinks: Pick<RunningSinks, 'open' | 'deliveries'>
  readonly ledger: Pick<Ledger, 'sink'>
  readonly journal: Pick<Journal, 'origin' | 'read' | 'durableSeq'>
  readonly routes: Pick<RoutesInUse, 'table'>
  readonly handover: Pick<Handover, 'run'>
  readonly ownLog: Pick<OwnLog, 'write'>
  readonly clock: Clock
}

/**
 * `signal`: nobody waits for it any more.
 * @throws AffiantError agent_not_answering, while the agent starts
 */
export async function drainAsked(
  { timeout, requested_by: requester }: DrainRequest,
  host: DrainHost,
  tell: (progress: DrainProgress) => void,
  signal: AbortSignal,
): Promise<DrainEnd> {
  if (host.phase() === 'starting') {
    throw new AffiantError(
      'agent_not_answering',
      `the agent on ${host.dataDir} is starting: nothing is drained`,
      {
        hint: 'try again in a moment; affiant health says when it is ready',
      },
    )
  }
  const drain = new Drain(host)
  const over = new AbortController()
  const watching = watch(() => tell(drain.progress), over.signal)
  try {
    const end = await drain.run(timeout, signal)
    const unsettled = end.sinks.filter((sink) => sink.required && sink.unsettled !== null)
    const note = { outcome: end.outcome, through: end.settle_below, timeout, requester }
    const names = unsettled.map(({ sink }) => sink)
    await recordEnd(host.ownLog, agentDrained({ ...note, unsettled: names }), host.clock, recording)
    return end
  } finally {
    over.abort()
    await watching
  }
}

async function watch(look: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(every, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) look()
  }
}

interface Ending {
  readonly read: boolean
  readonly late: readonly Delivery[]
  readonly through: number
  readonly handed: HandedOver | undefined
  readonly isEnded: boolean
}

class Drain {
  readonly #host: DrainHost
  readonly #settledBefore: ReadonlyMap<string, number>
  readonly #committedBefore: number
  #phase: DrainProgress['phase'] = 'reading'
  #through: number | undefined

  constructor(host: DrainHost) {
    this.#host = host
    this.#settledBefore = new Map(
      host.sinks.deliveries.map((delivery) => [nameOf(delivery), this.#settledBy(delivery)]),
    )
    this.#committedBefore = host.journal.durableSeq
  }

  get progress(): DrainProgress {
    const through = this.#through ?? this.#host.journal.durableSeq
    const sinks = this.#host.sinks.deliveries.flatMap((delivery) => {
      const { name, settled, state, lastError } = delivery.status()
      if (settled >= through) return []
      const waiting = state === 'ok' ? null : (lastError ?? state)
      return [{ sink: name, lag: through - settled, waiting }]
    })
    return { kind: 'progress', phase: this.#phase, sinks }
  }

  async run(timeout: number, signal: AbortSignal): Promise<DrainEnd> {
    const { receivers, sinks, journal, handover, clock } = this.#host
    const until = clock.monotonic() + timeout
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    const reading = Promise.all(receivers.all.map(async (receiver) => await receiver.readToEnd?.(deadline)))
    const read = await succeeds(abortable(reading, deadline))
    // What is committed by now goes out, though files are not at their end.
    const through = journal.durableSeq
    this.#through = through
    this.#phase = 'settling'
    // Reading may have taken all the time: then the sinks that work have a moment all the same.
    const left = Math.max(moment, until - clock.monotonic())
    const settling = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(left))])
    await Promise.all(
      sinks.deliveries.map((delivery) => succeeds(delivery.settledThrough(through, settling))),
    )
    // Those that run by now.
    const late = sinks.deliveries.filter((delivery) => delivery.status().settled < through)
    this.#phase = 'handing_over'
    const handed =
      signal.aborted || late.length === 0 ? undefined : handover.run({ late, to: through, signal })
    return await this.#end({ read, late, through, handed: await handed, isEnded: signal.aborted })
  }

  async #end({ read, late, through, handed, isEnded }: Ending): Promise<DrainEnd> {
    const { sinks, dataDir, phase } = this.#host
    const found = await unsettledOf(late, through, this.#host)
    const isSettled = !late.some((delivery) => this.#isRequired(delivery) && found.has(nameOf(delivery)))
    return {
      kind: 'end',
      outcome: read && isSettled ? 'drained' : isEnded ? 'ended' : 'unsettled',
      stopping: phase() === 'draining',
      read,
      unread: read ? [] : await unreadOf(this.#host.receivers.all),
      committed: through - this.#committedBefore,
      settle_below: through,
      sinks: sinks.deliveries.map((delivery) => ({
        sink: nameOf(delivery),
        required: this.#isRequired(delivery),
        settled: this.#settledBy(delivery) - (this.#settledBefore.get(nameOf(delivery)) ?? 0),
        unsettled: found.get(nameOf(delivery)) ?? null,
      })),
      handed_over: handed === undefined ? null : jsonOf(handed),
      data_dir: dataDir,
    }
  }

  #isRequired(delivery: Delivery): boolean {
    return this.#host.sinks.open.get(nameOf(delivery))?.config.required ?? true
  }

  #settledBy(delivery: Delivery): number {
    const { accepted, deadLettered } = this.#host.ledger.sink(nameOf(delivery))
    return accepted + deadLettered
  }
}

const nameOf = (delivery: Delivery): string => delivery.status().name

const succeeds = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  )

const jsonOf = ({ fallback, outcome, accepted, refused, elsewhere, reason }: HandedOver) => ({
  fallback,
  outcome,
  accepted,
  refused,
  elsewhere,
  reason,
})
