/** Attempts without end: one span of a batch is sent until something is known of it. */
import { asError } from '../errors.ts'
import type { DeliveryBatch, Outcome } from '../sinks/sink.ts'
import { heldDelay, laterDelay } from './backoff.ts'
import { partOf } from './batch.ts'
import type { Span, SpanOutcome } from './bisect.ts'
import type { Consignment, SenderOptions } from './consignment.ts'
import { areOwn } from './own.ts'

/** So often must events be held while others pass before they, not the configuration, are at fault. */
const STRIKES = 3
/** So long does an accepted batch speak for the destination. Milliseconds. */
const RECENT = 60_000

/** Sends a span until something is known of it: retries whatever can pass by itself or by somebody's doing. */
export async function persist(
  consignment: Consignment,
  span: Span,
  options: SenderOptions,
): Promise<SpanOutcome> {
  const { batch } = consignment
  const { evidence, condition, clock, random, retry, sending, patience } = options
  const { to } = span
  let { from } = span
  let strikes = 0
  let acceptedWhenHeld = Number.POSITIVE_INFINITY
  for (let attempt = 0; ; attempt++) {
    if (sending.aborted) return { kind: 'stopped', from }
    const part = partOf(batch, from, to)
    const acceptedBefore = evidence.accepted
    const outcome = await send(part, options)
    consignment.attempts++
    options.metrics.attempts.inc({ sink: options.sink.name, outcome: outcome.kind })
    if (outcome.kind === 'accepted') {
      noteAccepted(consignment, part, part.count, options)
      // Sent whole, so no other part of it is on its way.
      if (outcome.released && part === batch) options.pool.give(batch.lines)
      return outcome
    }
    const taken = Math.min(outcome.taken ?? 0, part.count - 1)
    if (taken > 0) {
      noteAccepted(consignment, part, taken, options)
      from += taken
      // It gets on: one fault in a thousand requests must not make each of them wait longer than the last.
      attempt = 0
    }
    const { reason } = outcome
    if (outcome.kind === 'refused') {
      // Some of them were taken: the destination does take events.
      if (outcome.which === 'some') return { kind: 'refused', from, reason, proof: 'struck', which: 'all' }
      const { which = 'search', at } = outcome
      return {
        kind: 'refused',
        from,
        reason,
        proof: 'answer',
        which,
        ...(at !== undefined && { at: from + at }),
      }
    }
    if (outcome.kind === 'held') {
      if (consignment.suspect) return { kind: 'refused', from, reason, proof: 'suspected', which: 'search' }
      if (acceptedBefore > acceptedWhenHeld) strikes++
      acceptedWhenHeld = evidence.accepted
      if (outcome.partition && isAlone(part.partition, strikes, attempt, options)) {
        evidence.bar(part.partition)
        condition.alarm(part.partition, reason)
        return { kind: 'refused', from, reason, proof: 'struck', which: 'all' }
      }
      if (strikes >= STRIKES) {
        consignment.suspect = true
        return { kind: 'refused', from, reason, proof: 'struck', which: 'search' }
      }
    }
    if (patience.aborted) return { kind: 'stopped', from }
    if (outcome.kind === 'held')
      condition.trouble(batch, 'held', reason, { own: areOwn(batch, [{ from, to }]) })
    else condition.trouble(batch, 'retrying', reason)
    options.waiting()
    const delay =
      outcome.kind === 'held'
        ? heldDelay(attempt, retry, random) / (outcome.partition && attempt === 0 ? 5 : 1)
        : laterDelay(attempt, retry, random, outcome.retryAfter)
    try {
      await clock.sleep(delay, patience)
    } catch {
      return { kind: 'stopped', from }
    }
  }
}

/**
 * Whether only this partition is at fault, by the destination's own word and by what it does with others: one was
 * accepted since, or, where nothing else can be tried since all that may be under way is held, a short while ago.
 */
function isAlone(
  partition: string,
  strikes: number,
  attempt: number,
  { evidence, clock, stuck }: SenderOptions,
): boolean {
  if (strikes > 0 || evidence.isBarred(partition)) return true
  return attempt > 0 && stuck() && clock.monotonic() - evidence.acceptedElsewhere(partition) < RECENT
}

/** The first `count` events of `part` are with the destination. */
function noteAccepted(
  consignment: Consignment,
  part: DeliveryBatch,
  count: number,
  { sink, evidence, condition, metrics, account, clock }: SenderOptions,
): void {
  evidence.noteAccepted(count, part.partition, clock.monotonic())
  consignment.accepted += count
  account?.accepted(count)
  metrics.eventsDelivered.inc({ sink: sink.name }, count)
  metrics.bytesDelivered.inc({ sink: sink.name }, partOf(part, 0, count).lines.length)
  condition.clear(consignment.batch)
  if (evidence.unbar(part.partition)) condition.calm(part.partition)
}

/** One attempt. A sink that throws has a defect; its events are no worse for it. */
async function send(
  part: DeliveryBatch,
  { sink, sending, log, clock, attempted }: SenderOptions,
): Promise<Outcome> {
  const begun = clock.monotonic()
  try {
    const outcome = await sink.deliver(part, sending)
    attempted(outcome, begun)
    return outcome
  } catch (thrown) {
    const { message, stack } = asError(thrown)
    if (!sending.aborted) log.error({ sink: sink.name, stack }, `defect in sink ${sink.name}: ${message}`)
    return { kind: 'later', reason: `defect in the sink: ${message}` }
  }
}
