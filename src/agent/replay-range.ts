/** `affiant replay`: events of the journal to one of their sinks, once more. */
import type { MissingSeqs } from '../delivery/journal-range.ts'
import { Replay } from '../delivery/replay.ts'
import { AffiantError, asError } from '../errors.ts'
import type { EndMessage, OpenSink, OperationContext, OperationHost, RequestOf } from './operation.ts'
import { endedEarly, record, recordEnd, replayEnded, replayStarted } from './replay-notes.ts'

export async function replayRange(
  request: RequestOf<'replay'>,
  { sink, config, deadLetters }: OpenSink,
  { host, id, begun, watch, signal }: OperationContext,
): Promise<EndMessage> {
  const { journal, routes, clock, log, ownLog } = host
  const { from, to } = rangeOf(request, host)
  const replay = new Replay({
    sink,
    journal,
    from,
    to,
    select: (hash) => routes.table.selectionFor(sink.name, hash),
    config,
    deadLetters,
    withhold: host.withhold,
    clock,
    random: Math.random,
    log: log.child({ replay: id }),
    lettered: host.notify,
  })
  const survey = await replay.survey(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
    return undefined
  })
  if (survey === undefined || signal.aborted) return endedBefore(from)
  const { events, missing } = survey
  if (missing.length > 0 && !request.available) throw gone(missing, events)
  const note = {
    id,
    source: 'journal',
    from,
    to,
    events,
    missing: missing.map(rangeJson),
    requester: request.requested_by,
  } as const
  if (!(await record(ownLog, replayStarted(sink.name, note), signal))) {
    const nothing = { outcome: 'ended', accepted: 0, refused: 0, settled: from, reason: endedEarly } as const
    await recordEnd(ownLog, replayEnded(sink.name, note, nothing), clock)
    return endedBefore(from)
  }
  begun({ events, from, to, missing: note.missing })
  watch(() => {
    const { accepted, deadLettered, waiting } = replay.progress
    return { accepted, refused: deadLettered, waiting: waiting ?? null }
  })
  const ran = await replay.run(signal).catch(asError)
  const { accepted, deadLettered: refused, settled, missing: met } = replay.progress
  // What left the journal while it went on counts as well.
  const all = { ...note, missing: met.map(rangeJson) }
  if (ran instanceof Error) {
    const result = { outcome: 'failed', accepted, refused, settled, reason: ran.message } as const
    await recordEnd(ownLog, replayEnded(sink.name, all, result), clock)
    throw ran
  }
  const outcome = ran ? 'done' : 'ended'
  const reason = ran ? null : 'it was ended before its end'
  await recordEnd(ownLog, replayEnded(sink.name, all, { outcome, accepted, refused, settled, reason }), clock)
  return {
    kind: 'end',
    outcome,
    events,
    accepted,
    refused,
    removed: 0,
    settled_seq: settled,
    missing: all.missing,
    reason,
  }
}

/** Nothing was sent, and nothing is on record. */
const endedBefore = (from: number): EndMessage => ({
  kind: 'end',
  outcome: 'ended',
  events: 0,
  accepted: 0,
  refused: 0,
  removed: 0,
  settled_seq: from,
  missing: [],
  reason: endedEarly,
})

function rangeOf({ from, to }: RequestOf<'replay'>, { journal }: OperationHost) {
  const newest = journal.durableSeq - 1
  const last = to ?? newest
  if (newest < 0) throw new AffiantError('seq_not_found', 'the journal has no events yet')
  if (from > last && to !== null) throw new AffiantError('usage', `--from ${from} is behind --to ${to}`)
  if (last > newest || from > newest) {
    const missing = Math.max(last, from)
    throw new AffiantError('seq_not_found', `there is no seq ${missing} yet: the newest is ${newest}`)
  }
  return { from, to: last }
}

const rangeJson = ({ firstSeq, lastSeq }: MissingSeqs) => ({ first_seq: firstSeq, last_seq: lastSeq })

function gone(missing: readonly MissingSeqs[], events: number): AffiantError {
  const shown = missing.slice(0, 5).map(({ firstSeq, lastSeq }) => `${firstSeq}..${lastSeq}`)
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more ranges` : ''
  return new AffiantError(
    'range_gone',
    `seq ${shown.join(', ')}${more} cannot be read from the journal any more; nothing was sent`,
    {
      hint: `expired, or damaged (affiant journal verify says which); with --available the ${events} events go that are there`,
    },
  )
}
