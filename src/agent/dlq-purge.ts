/** `affiant dlq purge`: dead letters taken away for good, and what went, on record before it goes. */
import type { DeadLetters } from '../delivery/dead-letters.ts'
import { purgeLetters, surveyLetters } from '../delivery/purge-letters.ts'
import { asError } from '../errors.ts'
import type { EndMessage, OperationContext, RequestOf } from './operation.ts'
import { endedEarly, purged, purgeStarted, record, recordEnd } from './replay-notes.ts'

export async function purge(
  request: RequestOf<'dlq_purge'>,
  deadLetters: DeadLetters,
  { host, id, begun, signal }: OperationContext,
): Promise<EndMessage> {
  const { ownLog, clock } = host
  const { sink, requested_by: requester } = request
  const files = await deadLetters.still()
  const range = { files, from: request.from ?? 0, to: request.to ?? Number.POSITIVE_INFINITY }
  const survey = await surveyLetters(range)
  const { letters, firstSeq, lastSeq } = survey
  const note = { id, ...survey, requester }
  // A file without letters may still hold what is none.
  const nothing = letters === 0 && files.length === 0
  const end = {
    kind: 'end' as const,
    events: letters,
    accepted: 0,
    refused: 0,
    settled_seq: null,
    missing: [],
  }
  if (!nothing && !(await record(ownLog, purgeStarted(sink, note), signal))) {
    await recordEnd(ownLog, purged(sink, note, endedEarly), clock)
    return { ...end, outcome: 'ended', removed: 0, reason: endedEarly }
  }
  begun({ events: letters, from: firstSeq, to: lastSeq, missing: [] })
  try {
    await purgeLetters(deadLetters.directory, range)
  } catch (error) {
    await recordEnd(ownLog, purged(sink, note, asError(error).message), clock)
    throw error
  } finally {
    await deadLetters.measure()
  }
  if (!nothing) await recordEnd(ownLog, purged(sink, note), clock)
  return { ...end, outcome: 'done', removed: letters, reason: null }
}
