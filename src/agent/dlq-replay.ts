/** `affiant dlq replay`: what a sink refused, to it once more. */
import { surveyLetters } from '../delivery/purge-letters.ts'
import { LetterReplay } from '../delivery/replay-letters.ts'
import { asError } from '../errors.ts'
import { letterTargets } from './letter-targets.ts'
import type { EndMessage, OpenSink, OperationContext, RequestOf } from './operation.ts'
import { endedEarly, record, recordEnd, replayEnded, replayStarted } from './replay-notes.ts'

export async function replayLetters(
  request: RequestOf<'dlq_replay'>,
  { sink, config, deadLetters }: OpenSink,
  { host, id, begun, watch, signal }: OperationContext,
): Promise<EndMessage> {
  const { clock, ownLog, routes } = host
  const from = request.from ?? 0
  const to = request.to ?? Number.POSITIVE_INFINITY
  const { letters, firstSeq, lastSeq } = await surveyLetters({ files: await deadLetters.still(), from, to })
  const found = { from: firstSeq, to: lastSeq, events: letters, missing: [] }
  const end = { kind: 'end' as const, events: letters, removed: 0, settled_seq: null, missing: [] }
  if (letters === 0) {
    begun(found)
    return { ...end, outcome: 'done', accepted: 0, refused: 0, reason: null }
  }
  const ended = { ...end, outcome: 'ended', accepted: 0, refused: 0, reason: endedEarly } as const
  if (signal.aborted) return ended
  const note = { id, source: 'dead_letters', ...found, requester: request.requested_by } as const
  if (!(await record(ownLog, replayStarted(sink.name, note), signal))) {
    await recordEnd(ownLog, replayEnded(sink.name, note, { ...ended, settled: null }), clock)
    return ended
  }
  begun(found)
  const replay = new LetterReplay({
    sink,
    deadLetters,
    from,
    to,
    targets: letterTargets(sink, routes.table),
    config,
    clock,
    random: Math.random,
  })
  watch(() => {
    const { accepted, refused, waiting } = replay.progress
    return { accepted, refused, waiting: waiting ?? null }
  })
  const ran = await replay.run(signal).catch(asError)
  const { accepted, refused } = replay.progress
  if (ran instanceof Error) {
    const result = { outcome: 'failed', accepted, refused, settled: null, reason: ran.message } as const
    await recordEnd(ownLog, replayEnded(sink.name, note, result), clock)
    throw ran
  }
  const reason =
    ran.kind === 'given_up' ? ran.reason : ran.kind === 'ended' ? 'it was ended before its end' : null
  const result = { outcome: ran.kind, accepted, refused, settled: null, reason } as const
  await recordEnd(ownLog, replayEnded(sink.name, note, result), clock)
  return { ...end, outcome: ran.kind, accepted, refused, reason }
}
