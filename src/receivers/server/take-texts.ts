/** Commits the records of a request, a chunk at a time and in order. */
import { setImmediate } from 'node:timers/promises'
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { chunkBytes, chunkRecords, type IntakeStream, type Peer } from './intake-stream.ts'

/** Of more an answer only says how many. */
const mostNamed = 20

/**
 * Resolves once all are committed. Rejects with what the intake refuses with, or with `attribution_incomplete`, where
 * some were not taken in; the others were.
 */
export async function takeTexts(
  records: readonly TextRecord[],
  stream: IntakeStream,
  peer: Peer,
): Promise<void> {
  const rejected: string[] = []
  let before = 0
  for (const chunk of chunksOf(records)) {
    const receipt = await stream.commit(chunk, peer)
    for (const { index, missing } of receipt.rejected)
      rejected.push(`record ${before + index} lacks ${missing.join(', ')}`)
    before += chunk.length
    await setImmediate()
  }
  if (rejected.length === 0) return
  const named = rejected.slice(0, mostNamed).join('; ')
  const more = rejected.length - mostNamed
  throw new AffiantError(
    'attribution_incomplete',
    `${rejected.length} of ${records.length} records were not taken in: ${named}${more > 0 ? `; and ${more} more` : ''}`,
  )
}

function* chunksOf(records: readonly TextRecord[]): Generator<TextRecord[]> {
  let chunk: TextRecord[] = []
  let bytes = 0
  for (const record of records) {
    chunk.push(record)
    bytes += record.text.length
    if (chunk.length < chunkRecords && bytes < chunkBytes) continue
    yield chunk
    chunk = []
    bytes = 0
  }
  if (chunk.length > 0) yield chunk
}
