/**
 * One batch, from the first attempt until every event in it is settled: accepted, or kept as a dead letter.
 * There is no third way out but the end of the process, and then the batch is unsettled and comes again.
 */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { heldDelay, laterDelay, type RetryLimits } from './backoff.ts'
import { partOf } from './batcher.ts'
import { bisect, joined, type RefusedEvent, type Span, type SpanOutcome } from './bisect.ts'
import type { Condition, DeliveryNotice } from './condition.ts'
import type { DeadLetters } from './dead-letters.ts'
import { type Evidence, refusalLimit } from './evidence.ts'

/** So often must events be held while others pass before they, not the configuration, are at fault. */
const STRIKES = 3

export interface SenderOptions {
  readonly sink: Sink
  readonly retry: RetryLimits
  readonly deadLetters: DeadLetters
  readonly evidence: Evidence
  readonly condition: Condition
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly metrics: Metrics
  readonly notify: (notice: DeliveryNotice) => void
  /** Called when this batch began to wait. */
  readonly waiting: () => void
  /** Ends requests. */
  readonly sending: AbortSignal
  /** Ends waiting: what is not accepted now stays unsettled. */
  readonly patience: AbortSignal
}

/** What is known of one batch. */
interface Consignment {
  readonly batch: DeliveryBatch
  attempts: number
  /** Events of it that were accepted. */
  accepted: number
  /** How many parts the sink had accepted when it first refused one of these events. */
  baseline: number | undefined
  /** Set once a part of it was struck: from then on, `held` is taken as a word about the data. */
  suspect: boolean
}

/** Resolves true once all of `batch` is settled, false when the loop stops before. */
export async function settleBatch(batch: DeliveryBatch, options: SenderOptions): Promise<boolean> {
  const { condition, retry, clock, random, patience } = options
  const consignment: Consignment = { batch, attempts: 0, accepted: 0, baseline: undefined, suspect: false }
  let open: readonly Span[] = [{ from: 0, to: batch.count }]
  try {
    for (let rounds = 0; ; rounds++) {
      const round = await deliverSpans(consignment, open, options)
      open = joined(round.open)
      if (open.length === 0) return true
      if (patience.aborted) return false
      condition.trouble(batch, 'held', round.reason)
      options.waiting()
      await clock.sleep(heldDelay(rounds, retry, random), patience)
    }
  } catch (error) {
    if (patience.aborted) return false
    throw error
  } finally {
    condition.clear(batch)
  }
}

async function deliverSpans(consignment: Consignment, spans: readonly Span[], options: SenderOptions) {
  const { batch } = consignment
  const open: Span[] = []
  let reason = ''
  for (const span of spans) {
    // Suspicion is a matter of one round: the next asks patiently again, unless a part is struck again.
    consignment.suspect = false
    const found = await bisect(span, {
      deliver: (part) => persist(consignment, part, options),
      acceptedSoFar: () => options.evidence.accepted,
      limit: refusalLimit(batch.count),
    })
    consignment.baseline ??= found.refused[0]?.acceptedBefore
    const gaveUp = found.refused.length > refusalLimit(batch.count)
    const proven = gaveUp
      ? []
      : found.refused.filter((event) => isProven(event, consignment, options.evidence))
    const failure = await keep(proven, consignment, options)
    const left = failure === null ? found.refused.filter((event) => !proven.includes(event)) : found.refused
    open.push(...found.open, ...left.map(({ index }) => ({ from: index, to: index + 1 })))
    reason = failure ?? left[0]?.reason ?? reason
  }
  return { open, reason }
}

/** Whether the destination has shown, by taking other events, that this one is at fault. */
function isProven(
  event: RefusedEvent,
  { batch, accepted, baseline }: Consignment,
  evidence: Evidence,
): boolean {
  switch (event.proof) {
    case 'struck':
      return true
    case 'suspected':
      return evidence.accepted > event.acceptedBefore
    case 'answer':
      if (accepted > 0 || evidence.accepted > (baseline ?? event.acceptedBefore)) return true
      // A batch of one has no neighbour to compare with; one dead letter for each proof that others pass.
      return batch.count === 1 && evidence.fresh
  }
}

/** Makes dead letters of `events`; the reason when they must not settle. */
async function keep(
  events: readonly RefusedEvent[],
  { batch, attempts }: Consignment,
  { sink, deadLetters, evidence, metrics, log, notify }: SenderOptions,
): Promise<string | null> {
  const [first] = events
  if (first === undefined) return null
  if (evidence.wouldBeSystemic(events.length)) return `most events are refused: ${first.reason}`
  const letters = events.map(({ index, reason }) => {
    const { lines, lengths, firstSeq } = partOf(batch, index, index + 1)
    return { sink: sink.name, seq: firstSeq, attempts, reason, line: lines.subarray(0, lengths[0]) }
  })
  const failure = await deadLetters.add(letters)
  if (failure !== null) return failure
  evidence.noteLettered(letters.length)
  metrics.eventsDeadLettered.inc({ sink: sink.name }, letters.length)
  const seqs = letters.map(({ seq }) => seq)
  const summary = {
    sink: sink.name,
    count: letters.length,
    firstSeq: Math.min(...seqs),
    lastSeq: Math.max(...seqs),
    reason: first.reason,
  }
  log.error(summary, `sink ${sink.name} refused ${letters.length} event(s); kept as dead letters`)
  notify({ kind: 'dead_letters', ...summary })
  return null
}

/** Sends a span until something is known of it: retries whatever can pass by itself or by somebody's doing. */
async function persist(consignment: Consignment, span: Span, options: SenderOptions): Promise<SpanOutcome> {
  const { batch } = consignment
  const { sink, evidence, condition, metrics, clock, random, retry, sending, patience } = options
  const part = partOf(batch, span.from, span.to)
  let strikes = 0
  let acceptedWhenHeld = Number.POSITIVE_INFINITY
  for (let attempt = 0; ; attempt++) {
    if (sending.aborted) return { kind: 'stopped' }
    const acceptedBefore = evidence.accepted
    const outcome = await send(part, options)
    consignment.attempts++
    metrics.attempts.inc({ sink: sink.name, outcome: outcome.kind })
    if (outcome.kind === 'accepted') {
      evidence.noteAccepted(part.count)
      consignment.accepted += part.count
      metrics.eventsDelivered.inc({ sink: sink.name }, part.count)
      metrics.bytesDelivered.inc({ sink: sink.name }, part.lines.length)
      condition.clear(batch)
      return outcome
    }
    if (outcome.kind === 'refused') return { ...outcome, proof: 'answer' }
    if (outcome.kind === 'held') {
      if (consignment.suspect) return { kind: 'refused', reason: outcome.reason, proof: 'suspected' }
      if (acceptedBefore > acceptedWhenHeld) strikes++
      acceptedWhenHeld = evidence.accepted
      if (strikes >= STRIKES) {
        consignment.suspect = true
        return { kind: 'refused', reason: outcome.reason, proof: 'struck' }
      }
    }
    if (patience.aborted) return { kind: 'stopped' }
    condition.trouble(batch, outcome.kind === 'held' ? 'held' : 'retrying', outcome.reason)
    options.waiting()
    const delay =
      outcome.kind === 'held'
        ? heldDelay(attempt, retry, random)
        : laterDelay(attempt, retry, random, outcome.retryAfter)
    try {
      await clock.sleep(delay, patience)
    } catch {
      return { kind: 'stopped' }
    }
  }
}

/** One attempt. A sink that throws has a defect; its events are no worse for it. */
async function send(part: DeliveryBatch, { sink, sending, log }: SenderOptions): Promise<Outcome> {
  try {
    return await sink.deliver(part, sending)
  } catch (thrown) {
    const { message, stack } = asError(thrown)
    if (!sending.aborted) log.error({ sink: sink.name, stack }, `defect in sink ${sink.name}: ${message}`)
    return { kind: 'later', reason: `defect in the sink: ${message}` }
  }
}
