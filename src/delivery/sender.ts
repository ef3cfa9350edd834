/**
 * One batch, from the first attempt until every event in it is settled: accepted, or kept as a dead letter.
 * There is no third way out but the end of the process, and then the batch is unsettled and comes again.
 */
import { heldDelay } from './backoff.ts'
import { partOf } from './batch.ts'
import { bisect, joined, type RefusedEvent, type Span } from './bisect.ts'
import type { Consignment, SenderOptions } from './consignment.ts'
import { type Evidence, refusalLimit } from './evidence.ts'
import type { CutBatch } from './open-batch.ts'
import { areOwn, isOwn } from './own.ts'
import { isAlone, persist } from './persist.ts'
import { type FixedBatch, fix } from './plan.ts'
import { countOf, probe } from './probe.ts'
import type { Remainder } from './remainder.ts'

/** So many events that are refused may be passed by others where order is kept. */
const FEW = 10

/** Resolves true once all of the batch is settled, false when the loop stops before. */
export async function settleBatch(cut: CutBatch, options: SenderOptions): Promise<boolean> {
  const { plans, patience, partitions } = options
  try {
    if (cut.refusal !== undefined) return await settleUnsent(cut, cut.refusal, options)
    const fixed = await fix(cut, options)
    if (!(await settleFixed(consign(fixed, cut.remainder), options))) return false
    partitions.settled(cut.batch.partition)
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

function consign({ batch, id }: FixedBatch, remainder: Remainder): Consignment {
  return { batch, remainder, id, attempts: 0, accepted: 0, refusedAt: undefined, suspect: false }
}

/** Events that may not be sent: dead letters, as soon as there is room for them. */
async function settleUnsent(
  { batch, remainder }: CutBatch,
  reason: string,
  options: SenderOptions,
): Promise<boolean> {
  const { condition, retry, clock, random, patience } = options
  const refused = struck([{ from: 0, to: batch.count }], reason)
  try {
    for (let rounds = 0; ; rounds++) {
      const failure = await keep(refused, consign({ batch, id: undefined }, remainder), options, 'unsent')
      if (failure === null) return true
      condition.trouble(batch, 'held', failure, { doubt: true })
      options.waiting()
      await clock.sleep(heldDelay(rounds, retry, random), patience)
    }
  } finally {
    condition.clear(batch)
  }
}

async function settleFixed(consignment: Consignment, options: SenderOptions): Promise<boolean> {
  const { condition, retry, clock, random, patience, ordered } = options
  const { batch } = consignment
  let open: readonly Span[] = [{ from: 0, to: batch.count }]
  try {
    let reason = ''
    for (let rounds = 0; ; rounds++) {
      const search = rounds === 0 ? open : await probe(consignment, open, rounds, options)
      let inDoubt = false
      if (search !== undefined) {
        // From the front, and further each time.
        const depth = ordered ? Math.max(1, rounds) : 1
        const round = await deliverSpans(consignment, search, depth, options)
        open = joined(round.open)
        reason = round.reason
        inDoubt = round.inDoubt
      }
      if (open.length === 0) return true
      if (patience.aborted) return false
      if (await giveUpPartition(consignment, open, reason, options)) return true
      const doubt = inDoubt && countOf(open) <= FEW
      condition.trouble(batch, 'held', reason, { own: areOwn(batch, open), doubt })
      options.waiting()
      await clock.sleep(heldDelay(rounds, retry, random), patience)
    }
  } finally {
    condition.clear(batch)
  }
}

const struck = (spans: readonly Span[], reason: string): RefusedEvent[] =>
  spans.flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, at): RefusedEvent => {
      return { index: from + at, reason, proof: 'struck', refusedAt: 0, whole: true }
    }),
  )

/**
 * Nothing of it is taken, and others are: its partition is at fault, and must not be in their way. True once all of it is kept
 * as dead letters.
 */
async function giveUpPartition(
  consignment: Consignment,
  open: readonly Span[],
  reason: string,
  options: SenderOptions,
): Promise<boolean> {
  const { partitions, condition, clock } = options
  const { partition } = consignment.batch
  if (consignment.accepted > 0 || !isAlone(partition, options)) return false
  if ((await keep(struck(open, reason), consignment, options)) !== null) return false
  partitions.bar(partition, clock.monotonic())
  condition.alarm(partition, reason)
  return true
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
  let inDoubt = true
  for (const span of spans) {
    // Suspicion is a matter of one round: the next asks patiently again, unless a part is struck again.
    consignment.suspect = false
    const found = await bisect(span, {
      deliver: (part) => persist(consignment, part, options),
      now: () => options.clock.monotonic(),
      limit: () => depth * refusalLimit(batch.count, consignment.accepted),
    })
    const proven = found.gaveUp
      ? []
      : found.refused.filter((event) => isProven(event, consignment, options.evidence))
    const failure = await keep(proven, consignment, options)
    const left = failure === null ? found.refused.filter((event) => !proven.includes(event)) : found.refused
    open.push(...found.open, ...left.map(({ index }) => ({ from: index, to: index + 1 })))
    reason = failure ?? left[0]?.reason ?? reason
    // Neither a full store nor a word about the configuration leaves a doubt that others could settle.
    inDoubt &&= failure === null && left.every(({ proof }) => proof === 'answer')
  }
  return { open, reason, inDoubt }
}

/** Whether the destination has shown, by taking other events, that this one is at fault. */
function isProven(event: RefusedEvent, { batch, refusedAt }: Consignment, evidence: Evidence): boolean {
  switch (event.proof) {
    case 'struck':
      return true
    case 'suspected':
      return evidence.acceptedSince(event.refusedAt)
    case 'answer':
      if (evidence.acceptedSince(refusedAt ?? event.refusedAt)) return true
      // A batch of one has no neighbour to compare with; one dead letter for each proof that others pass.
      return batch.count === 1 && evidence.claim()
  }
}

/** Makes dead letters of `events`; the reason when they must not settle. */
async function keep(
  events: readonly RefusedEvent[],
  { batch, remainder, attempts }: Consignment,
  { sink, deadLetters, evidence, metrics, log, notify, account }: SenderOptions,
  fate: 'refused' | 'unsent' = 'refused',
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
  const seqs = letters.map(({ seq }) => seq)
  remainder.settle(seqs)
  account?.lettered(seqs)
  log.error(
    { sink: sink.name, ...spanOf(letters), reason: first.reason },
    fate === 'refused'
      ? `sink ${sink.name} refused ${letters.length} event(s); kept as dead letters`
      : `${letters.length} event(s) for sink ${sink.name} are kept as dead letters, and were not sent`,
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
