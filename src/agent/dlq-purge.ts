/** `affiant dlq purge`: dead letters taken away for good, and what went, on record before it goes. */
import type { DeadLetters } from '../delivery/dead-letters.ts'
import { purgeLetters, surveyLetters } from '../delivery/purge-letters.ts'
import { asError } from '../errors.ts'
import type { EndMessage, OperationContext, RequestOf } from './operation.ts'
import { purged, purgeStarted, record } from './replay-notes.ts'

export async function purge(
  request: RequestOf<'dlq_purge'>,
  deadLetters: DeadLetters,
  { host, id, begun }: OperationContext,
): Promise<EndMessage> {
  const { ownLog } = host
  const { sink, requested_by: requester } = request
  const files = await deadLetters.still()
  const range = { files, from: request.from ?? 0, to: request.to ?? Number.POSITIVE_INFINITY }
  const survey = await surveyLetters(range)
  const { letters, firstSeq, lastSeq } = survey
  const note = { id, ...survey, requester }
  // A file without letters may still hold what is none.
  const nothing = letters === 0 && files.length === 0
  if (!nothing) await record(ownLog, purgeStarted(sink, note))
  begun({ events: letters, from: firstSeq, to: lastSeq, missing: [] })
  try {
    await purgeLetters(deadLetters.directory, range)
  } catch (error) {
    await ownLog.write(purged(sink, note, asError(error).message))
    throw error
  } finally {
    await deadLetters.measure()
  }
  if (!nothing) await ownLog.write(purged(sink, note))
  return {
    kind: 'end',
    outcome: 'done',
    events: letters,
    accepted: 0,
    refused: 0,
    removed: letters,
    settled_seq: null,
    missing: [],
    reason: null,
  }
}
