/**
 * Sends one batch of letters. Simpler than the sender of live events: what is refused stays where it is, so nobody has to
 * find out whether the data or the configuration is at fault before it settles. What can pass by itself is waited for.
 */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sinks/sink.ts'
import { heldDelay, laterDelay, type RetryLimits } from './backoff.ts'
import { partOf } from './batch.ts'
import { bisect, type Span, type SpanOutcome } from './bisect.ts'
import { refusalLimit } from './evidence.ts'
import { takenOf } from './taken.ts'

export interface LetterSenderOptions {
  readonly sink: Sink
  readonly retry: RetryLimits
  readonly clock: Clock
  readonly random: () => number
  /** Called when an attempt has ended. `begun`: `clock.monotonic`. */
  readonly attempted: (outcome: Outcome, begun: number) => void
  /** These are with the destination. */
  readonly accepted: (span: Span) => void
  /** Why this batch waits; undefined once it goes on. */
  readonly waiting: (reason: string | undefined) => void
  /** Others are taken, and nothing of this partition was. */
  readonly isAlone: (partition: string) => boolean
  /** A partition is not taken at all: what else there is of it need not be tried. */
  readonly barred: (partition: string, reason: string) => void
  /** Ends requests. */
  readonly sending: AbortSignal
  /** Ends waiting. */
  readonly patience: AbortSignal
}

export interface SentBatch {
  readonly refused: readonly { readonly index: number; readonly reason: string }[]
  /** The destination refuses so much of it, and took none, that the rest was not tried. */
  readonly gaveUp: boolean
  readonly attempts: number
}

export async function sendBatch(batch: DeliveryBatch, options: LetterSenderOptions): Promise<SentBatch> {
  let attempts = 0
  let accepted = 0
  const counted: LetterSenderOptions = {
    ...options,
    attempted: (outcome, begun) => {
      attempts++
      options.attempted(outcome, begun)
    },
    accepted: (span) => {
      accepted += span.to - span.from
      options.accepted(span)
    },
  }
  // Encoded once for all attempts.
  const whole = options.sink.plan === undefined ? batch : { ...batch, plan: await options.sink.plan(batch) }
  const found = await bisect(
    { from: 0, to: batch.count },
    {
      deliver: (span) => persist(whole, span, counted),
      now: () => options.clock.monotonic(),
      limit: () => refusalLimit(batch.count, accepted),
    },
  )
  options.waiting(undefined)
  return { refused: found.refused, gaveUp: found.gaveUp, attempts }
}

/** Until something is known of the span, or somebody ends it. */
async function persist(batch: DeliveryBatch, span: Span, options: LetterSenderOptions): Promise<SpanOutcome> {
  const { clock, random, retry, sending, patience } = options
  const { to } = span
  let { from } = span
  for (let attempt = 0; ; attempt++) {
    if (patience.aborted) return { kind: 'stopped', from }
    const part = partOf(batch, from, to)
    const outcome = await attemptOf(part, options)
    const taken = takenOf(outcome, part.count)
    if (taken > 0) {
      options.accepted({ from, to: from + taken })
      from += taken
      attempt = 0
    }
    if (outcome.kind === 'accepted') {
      if (from === to) return { kind: 'accepted' }
      attempt = -1
      continue
    }
    const { reason } = outcome
    switch (outcome.kind) {
      case 'refused':
        return {
          kind: 'refused',
          from,
          reason,
          proof: 'answer',
          which: outcome.which === 'some' ? 'all' : (outcome.which ?? 'search'),
          ...(outcome.at !== undefined && { at: from + outcome.at }),
        }
      case 'held':
        // The first time others may only not have been tried yet.
        if (!(outcome.partition || (attempt > 0 && options.isAlone(part.partition)))) break
        options.barred(part.partition, reason)
        return { kind: 'refused', from, reason, proof: 'struck', which: 'all' }
      case 'later':
        break
    }
    if (sending.aborted || patience.aborted) return { kind: 'stopped', from }
    options.waiting(reason)
    const delay =
      outcome.kind === 'held'
        ? heldDelay(attempt, retry, random)
        : laterDelay(attempt, retry, random, outcome.retryAfter)
    await clock.sleep(delay, patience).catch(() => undefined)
  }
}

/** One attempt. A sink that throws has a defect; its events are no worse for it. */
async function attemptOf(
  part: DeliveryBatch,
  { sink, sending, clock, attempted }: LetterSenderOptions,
): Promise<Outcome> {
  const begun = clock.monotonic()
  try {
    const outcome = await sink.deliver(part, sending)
    attempted(outcome, begun)
    return outcome
  } catch (thrown) {
    return { kind: 'later', reason: `defect in the sink: ${asError(thrown).message}` }
  }
}
