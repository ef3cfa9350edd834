/**
 * One batch, from the first attempt until every event in it is settled: accepted, or kept as a dead letter.
 * There is no third way out but the end of the process, and then the batch is unsettled and comes again.
 */
import type { DeliveryBatch } from '../sinks/sink.ts'
import { heldDelay } from './backoff.ts'
import { partOf } from './batch.ts'
import { bisect, joined, type RefusedEvent, type Span } from './bisect.ts'
import type { Consignment, SenderOptions } from './consignment.ts'
import { type Evidence, refusalLimit } from './evidence.ts'
import type { CutBatch } from './open-batch.ts'
import { areOwn, isOwn } from './own.ts'
import { persist } from './persist.ts'
import { fix } from './plan.ts'

/** Resolves true once all of the batch is settled, false when the loop stops before. */
export async function settleBatch(cut: CutBatch, options: SenderOptions): Promise<boolean> {
  const { plans, patience } = options
  try {
    if (cut.refusal !== undefined) return await settleUnsent(cut.batch, cut.refusal, options)
    const fixed = await fix(cut, options)
    if (!(await settleFixed(fixed.batch, options))) return false
    // Should its end be lost, the batch is sent once more: nothing to wait for, with a place that others could have.
    if (fixed.id !== undefined) plans?.done(fixed.id).catch(() => undefined)
    return true
  } catch (error) {
    if (patience.aborted) return false
    throw error
  } finally {
    options.condition.clear(cut.batch)
  }
}

/** Events that may not be sent: dead letters, as soon as there is room for them. */
async function settleUnsent(batch: DeliveryBatch, reason: string, options: SenderOptions): Promise<boolean> {
  const { condition, retry, clock, random, patience } = options
  const consignment: Consignment = { batch, attempts: 0, accepted: 0, baseline: undefined, suspect: false }
  const refused = Array.from(
    batch.seqs,
    (_, index): RefusedEvent => ({ index, reason, proof: 'struck', acceptedBefore: 0, whole: true }),
  )
  try {
    for (let rounds = 0; ; rounds++) {
      const failure = await keep(refused, consignment, options)
      if (failure === null) return true
      condition.trouble(batch, 'held', failure, { refused: true })
      options.waiting()
      await clock.sleep(heldDelay(rounds, retry, random), patience)
    }
  } finally {
    condition.clear(batch)
  }
}

async function settleFixed(batch: DeliveryBatch, options: SenderOptions): Promise<boolean> {
  const { condition, retry, clock, random, patience, ordered } = options
  const consignment: Consignment = { batch, attempts: 0, accepted: 0, baseline: undefined, suspect: false }
  let open: readonly Span[] = [{ from: 0, to: batch.count }]
  try {
    let reason = ''
    for (let rounds = 0; ; rounds++) {
      // A probe from the middle would overtake: where order is kept, each search goes on from the front, and further.
      const search = rounds === 0 || ordered ? open : await probe(consignment, open, options)
      if (search !== undefined) {
        const depth = ordered ? 2 ** Math.min(rounds, 20) : 1
        const round = await deliverSpans(consignment, search, depth, options)
        open = joined(round.open)
        reason = round.reason
      }
      if (open.length === 0) return true
      if (patience.aborted) return false
      condition.trouble(batch, 'held', reason, { own: areOwn(batch, open), refused: true })
      options.waiting()
      await clock.sleep(heldDelay(rounds, retry, random), patience)
    }
  } finally {
    condition.clear(batch)
  }
}

/**
 * Before a batch of which nothing was ever accepted is searched again: one event of it, chosen at random, so that a
 * destination that is still wrong is asked once and not a hundred times, and that a batch which begins with bad
 * events is not judged by them for ever. Returns what is left to search, undefined when it is not worth it.
 */
async function probe(consignment: Consignment, open: readonly Span[], options: SenderOptions) {
  const { evidence, random } = options
  const span = open[Math.floor(random() * open.length)]
  const alone = open.length === 1 && span !== undefined && span.to - span.from === 1
  if (consignment.accepted > 0 || span === undefined || alone) return open
  const from = span.from + Math.floor(random() * (span.to - span.from))
  const outcome = await persist(consignment, { from, to: from + 1 }, options)
  if (outcome.kind === 'accepted') {
    const around = [
      { from: span.from, to: from },
      { from: from + 1, to: span.to },
    ]
    return [...open.filter((other) => other !== span), ...around].filter((part) => part.from < part.to)
  }
  return evidence.accepted > (consignment.baseline ?? evidence.accepted) ? open : undefined
}

/** `depth`: how many times as many refusals as usual end a search. */
async function deliverSpans(
  consignment: Consignment,
  spans: readonly Span[],
  depth: number,
  options: SenderOptions,
) {
  const { batch } = consignment
  const open: Span[] = []
  let reason = ''
  for (const span of spans) {
    // Suspicion is a matter of one round: the next asks patiently again, unless a part is struck again.
    consignment.suspect = false
    const found = await bisect(span, {
      deliver: (part) => persist(consignment, part, options),
      acceptedSoFar: () => options.evidence.accepted,
      limit: () => depth * refusalLimit(batch.count, consignment.accepted),
    })
    consignment.baseline ??= found.refused[0]?.acceptedBefore
    const proven = found.gaveUp
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
  { sink, deadLetters, evidence, metrics, log, notify, account }: SenderOptions,
): Promise<string | null> {
  const [first] = events
  if (first === undefined) return null
  const searched = events.filter(({ whole }) => !whole).length
  if (searched > 0 && evidence.wouldBeSystemic(searched)) return `most events are refused: ${first.reason}`
  const letters = events.map(({ index, reason }) => {
    const { lines, lengths, firstSeq } = partOf(batch, index, index + 1)
    return {
      sink: sink.name,
      seq: firstSeq,
      attempts,
      reason,
      partition: batch.partition,
      line: lines.subarray(0, lengths[0]),
    }
  })
  const failure = await deadLetters.add(letters)
  if (failure !== null) return failure
  evidence.noteLettered(searched)
  metrics.eventsDeadLettered.inc({ sink: sink.name }, letters.length)
  account?.lettered(letters.map(({ seq }) => seq))
  log.error(
    { sink: sink.name, ...spanOf(letters), reason: first.reason },
    `sink ${sink.name} refused ${letters.length} event(s); kept as dead letters`,
  )
  const others = letters.filter((_, at) => !isOwn(batch, events[at]!.index))
  if (others.length > 0) {
    notify({ kind: 'dead_letters', sink: sink.name, ...spanOf(others), reason: first.reason })
  }
  return null
}

function spanOf(letters: readonly { readonly seq: number }[]) {
  const seqs = letters.map(({ seq }) => seq)
  return { count: seqs.length, firstSeq: Math.min(...seqs), lastSeq: Math.max(...seqs) }
}
