/** Commits the records of a request, a chunk at a time and in order. */
import { setImmediate } from 'node:timers/promises'
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { chunkBytes, chunkRecords, type IntakeStream, type Peer } from './intake-stream.ts'
import type { RequestKey } from './request-key.ts'

/** Some records lack what is demanded, and were not taken in; the others were. */
export class RecordsRejected extends AffiantError {
  /** Index of the first of them. */
  readonly first: number

  constructor(first: number, message: string) {
    super('attribution_incomplete', message)
    this.first = first
  }
}

/** Of more an answer only says how many. */
const mostNamed = 20

/**
 * Resolves with their number once all are committed, of a request with a key by this one or an earlier one. Rejects with what
 * the intake refuses with, with `key_reused`, or with `RecordsRejected`, where some were not taken in.
 */
export async function takeTexts(
  records: Iterable<TextRecord>,
  stream: IntakeStream,
  peer: Peer,
  key?: RequestKey,
): Promise<number> {
  const rejected: string[] = []
  let count = 0
  let first: number | undefined
  let before = 0
  for (const chunk of chunksOf(records)) {
    const receipt = await stream.commit(chunk, peer, { request: key && { key, from: before } })
    for (const { index, missing } of receipt.rejected) {
      first ??= before + index
      if (++count <= mostNamed) rejected.push(`record ${before + index} lacks ${missing.join(', ')}`)
    }
    before += chunk.length
    await setImmediate()
  }
  if (first === undefined) return before
  const more = count - rejected.length
  throw new RecordsRejected(
    first,
    `${count} of ${before} records were not taken in: ${rejected.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
  )
}

/** Each as large as is committed in one go. */
export function* chunksOf(records: Iterable<TextRecord>): Generator<TextRecord[]> {
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
