/** Attempts without end: one span of a batch is sent until something is known of it. */
import { asError } from '../errors.ts'
import type { DeliveryBatch, Outcome } from '../sinks/sink.ts'
import { heldDelay, laterDelay } from './backoff.ts'
import { partOf } from './batcher.ts'
import type { Span, SpanOutcome } from './bisect.ts'
import type { Consignment, SenderOptions } from './consignment.ts'
import { areOwn } from './own.ts'

/** So often must events be held while others pass before they, not the configuration, are at fault. */
const STRIKES = 3

/** Sends a span until something is known of it: retries whatever can pass by itself or by somebody's doing. */
export async function persist(
  consignment: Consignment,
  span: Span,
  options: SenderOptions,
): Promise<SpanOutcome> {
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
      options.account?.accepted(part.count)
      metrics.eventsDelivered.inc({ sink: sink.name }, part.count)
      metrics.bytesDelivered.inc({ sink: sink.name }, part.lines.length)
      condition.clear(batch)
      // Sent whole, so no other part of it is on its way.
      if (outcome.released && part === batch) options.pool.give(batch.lines)
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
    if (outcome.kind === 'held') condition.trouble(batch, 'held', outcome.reason, areOwn(batch, [span]))
    else condition.trouble(batch, 'retrying', outcome.reason)
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
