/** The end of a run, with the flow of data: nothing is taken in any more, what is committed is delivered. */
import type { Delivery } from '../delivery/delivery.ts'
import type { Journal } from '../journal/contract.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Log } from '../telemetry/log.ts'
import { agentStopped, type StopReason } from './agent-notes.ts'
import type { HandedOver, Handover } from './handover.ts'
import type { OwnLog } from './own-log.ts'
import type { RouteNotes } from './route-notes.ts'

export interface DrainOptions {
  readonly receivers: readonly Receiver[]
  /** What commands have begun ends first, and says so. */
  readonly control: AsyncDisposable
  readonly deliveries: readonly Delivery[]
  readonly journal: Pick<Journal, 'durableSeq'>
  readonly ownLog: OwnLog
  readonly routeNotes: Pick<RouteNotes, 'tell'>
  /** Takes what is not settled by then, where there is a fallback. */
  readonly handover: Pick<Handover, 'sink' | 'run'>
  /** For what is committed before the end. Milliseconds. */
  readonly milliseconds: number
  readonly log: Log
}

/** For what was already being sent when the drain ended, and for the last event. Milliseconds. */
const rest = 1_000
/** For what files hold that has not been noticed yet. Milliseconds. */
const lastLook = 1_000

/**
 * `affiant.agent.stopped` is the last event of a run: sinks that could not settle all are stopped before it, so that
 * what they have to say comes first; the others still get it.
 */
export async function drain(options: DrainOptions, reason: StopReason): Promise<void> {
  const { receivers, control, deliveries, journal, ownLog, routeNotes, handover, milliseconds, log } = options
  // Whatever one of them has to say, the rest is drained and closed.
  const commands = control[Symbol.asyncDispose]()
  const reading = reason.reason === 'signal' ? Math.min(lastLook, milliseconds) : 0
  const stops = receivers.map((receiver) => stopReceiver(receiver, reading))
  for (const stopping of await Promise.allSettled(stops)) {
    if (stopping.status === 'rejected') log.error({ err: stopping.reason }, 'a receiver did not stop cleanly')
  }
  await commands
  routeNotes.tell(true)
  const to = journal.durableSeq
  const settled = await settle(deliveries, to, milliseconds)
  const late = deliveries.filter((delivery) => !settled.has(delivery))
  // Whom others hand over to is needed until all has been.
  const stopped = late.filter((delivery) => delivery.status().name !== handover.sink)
  await Promise.all(stopped.map((delivery) => delivery.stop(rest)))
  if (late.length > 0) tell(log, await handover.run({ late, to, signal: never }))
  await closeLog(ownLog, reason, late.length === 0)
  // What has been recorded since.
  if (late.length > 0) {
    await handover.run({ late, to: journal.durableSeq, signal: never, timeout: rest, recorded: false })
  }
  await settle([...settled], journal.durableSeq, rest)
  await Promise.all(deliveries.map((delivery) => delivery.stop(rest)))
}

/** Who is told to stop has often just been written to by somebody who has ended before: that is read, and no backlog is. */
async function stopReceiver(receiver: Receiver, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await receiver.readToEnd?.(AbortSignal.timeout(milliseconds)).catch(() => undefined)
  await receiver.stop()
}

function tell(log: Log, handed: HandedOver | undefined): void {
  const fate =
    handed?.outcome === 'done'
      ? `what required sinks have not is with ${handed.fallback}, and stays in the journal`
      : 'it stays in the journal'
  log.warn(`not everything was delivered before the deadline; ${fate} and goes out after the next start`)
}

const never = new AbortController().signal

/** The last event of a run. A journal that fails is not waited for long. */
export async function closeLog(ownLog: OwnLog, reason: StopReason, drained: boolean): Promise<void> {
  await ownLog.close(agentStopped(reason, drained), AbortSignal.timeout(rest))
}

/** Those that have settled everything below `target`. */
async function settle(
  deliveries: readonly Delivery[],
  target: number,
  milliseconds: number,
): Promise<ReadonlySet<Delivery>> {
  const deadline = AbortSignal.timeout(milliseconds)
  const settled = new Set<Delivery>()
  await Promise.allSettled(
    deliveries.map((delivery) => delivery.settledThrough(target, deadline).then(() => settled.add(delivery))),
  )
  return settled
}
