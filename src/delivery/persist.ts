/** Attempts without end: one span of a batch is sent until something is known of it. */
import { asError } from '../errors.ts'
import type { DeliveryBatch, Outcome } from '../sinks/sink.ts'
import { heldDelay, laterDelay } from './backoff.ts'
import { partOf } from './batch.ts'
import type { Span, SpanOutcome } from './bisect.ts'
import type { Consignment, SenderOptions } from './consignment.ts'
import { areOwn } from './own.ts'
import { takenOf } from './taken.ts'

/** So often must events be held while others pass before they, not the configuration, are at fault. */
const STRIKES = 3
/** What a partial success of a large batch leaves of the size of the next ones: all of such a batch is lost to the dead letters. */
const AFTER_PARTIAL = 1 / 8

/** Sends a span until something is known of it: retries whatever can pass by itself or by somebody's doing. */
export async function persist(
  consignment: Consignment,
  span: Span,
  options: SenderOptions,
): Promise<SpanOutcome> {
  const { batch } = consignment
  const { evidence, partitions, size, condition, clock, random, retry, sending, patience } = options
  const { to } = span
  let { from } = span
  let strikes = 0
  let heldAt = Number.POSITIVE_INFINITY
  for (let attempt = 0; ; attempt++) {
    if (sending.aborted) return { kind: 'stopped', from }
    const part = partOf(batch, from, to)
    const begun = clock.monotonic()
    const shown = evidence.acceptedSince(heldAt)
    const outcome = await send(part, options)
    consignment.attempts++
    options.metrics.attempts.inc({ sink: options.sink.name, outcome: outcome.kind })
    const taken = takenOf(outcome, part.count)
    if (taken > 0) {
      await noteAccepted(consignment, { part, count: taken, begun }, options)
      from += taken
      // It gets on: one fault in a thousand requests must not make each of them wait longer than the last.
      attempt = 0
    }
    if (outcome.kind === 'accepted') {
      if (from < to) {
        attempt = -1
        continue
      }
      if (part === batch) size.accepted()
      // Sent whole, so no other part of it is on its way.
      if (outcome.released && part === batch) options.pool.give(batch.lines)
      return { kind: 'accepted' }
    }
    const { reason } = outcome
    if (outcome.kind !== 'later' && taken === 0) partitions.failed(part.partition, begun, clock.monotonic())
    if (outcome.kind === 'refused') {
      consignment.refusedAt ??= clock.monotonic()
      if (outcome.tooLarge && part.count > 1) size.tooLarge(part.lines.length)
      if (outcome.which === 'some') {
        size.tooLarge(part.lines.length, AFTER_PARTIAL)
        // Some of them were taken: the destination does take events.
        return { kind: 'refused', from, reason, proof: 'struck', which: 'all' }
      }
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
      if (shown) strikes++
      heldAt = clock.monotonic()
      if (isBarredAlone(part.partition, outcome.partition ?? false, options)) {
        partitions.bar(part.partition, heldAt)
        condition.alarm(part.partition, reason)
        return { kind: 'refused', from, reason, proof: 'struck', which: 'all' }
      }
      // Others may have gone before, and nothing else come since: then its own halves can show it.
      const shownOnce = strikes > 0 || (options.ordered && evidence.acceptedEvents > 0)
      const quiet = shownOnce && attempt >= STRIKES && part.count > 1
      if (strikes >= STRIKES || quiet || isAlone(part.partition, options)) {
        consignment.suspect = true
        return { kind: 'refused', from, reason, proof: 'struck', which: 'search' }
      }
    }
    if (patience.aborted) return { kind: 'stopped', from }
    if (outcome.kind === 'held') {
      condition.trouble(batch, 'held', reason, { own: areOwn(batch, [{ from, to }]) })
    } else condition.trouble(batch, 'retrying', reason)
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

/** Whether the destination's word is about this partition, and about no other; all of it can go to the dead letters. */
function isBarredAlone(partition: string, named: boolean, options: SenderOptions): boolean {
  const { sink, partitions, clock, stuck } = options
  if (sink.partition === undefined || !(named || partitions.isBarred(partition))) return false
  return partitions.isAlone(partition, clock.monotonic(), { stuck: stuck(), named })
}

/** Whether this partition fails and others do not, whatever the destination says. */
export function isAlone(partition: string, { sink, partitions, clock, stuck }: SenderOptions): boolean {
  if (sink.partition === undefined) return false
  return partitions.isAlone(partition, clock.monotonic(), { stuck: stuck(), named: false })
}

interface Taken {
  readonly part: DeliveryBatch
  /** Of the events at its beginning. */
  readonly count: number
  readonly begun: number
}

/** The first `count` events of `part` are with the destination. */
async function noteAccepted(
  consignment: Consignment,
  { part, count, begun }: Taken,
  { sink, evidence, partitions, condition, metrics, account, clock, plans }: SenderOptions,
): Promise<void> {
  const { batch, id, remainder } = consignment
  const { name } = sink
  consignment.accepted += count
  evidence.noteAccepted(count, begun)
  const calmed = partitions.accepted(part.partition, begun, clock.monotonic())
  account?.accepted(count)
  metrics.eventsDelivered.inc({ sink: name }, count)
  metrics.bytesDelivered.inc({ sink: name }, partOf(part, 0, count).lines.length)
  condition.clear(batch)
  if (calmed) condition.calm(part.partition)
  if (count === batch.count) return
  const seqs = part.seqs.subarray(0, count)
  remainder.settle(seqs)
  // A restart does not send them again. Should the note be lost, it does: nothing that could be waited for.
  if (id !== undefined) await plans?.taken(id, seqs).catch(() => undefined)
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
