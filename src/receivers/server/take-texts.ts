/** Commits the records of a request, a chunk at a time and in order. */
import { setImmediate } from 'node:timers/promises'
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { chunkBytes, chunkRecords, type IntakeStream, type Peer } from './intake-stream.ts'
import { mostNamed, namesOf, type Rejected } from './rejected.ts'
import type { RequestKey } from './request-key.ts'

/** Some records lack what is demanded, or are not their sender's to deliver, and were not taken in; the others were. */
export class RecordsRejected extends AffiantError {
  /** Index of the first of them. */
  readonly first: number

  constructor(code: 'attribution_incomplete' | 'scope_forbidden', first: number, message: string) {
    super(code, message)
    this.first = first
  }
}

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
  const rejected: Rejected[] = []
  let count = 0
  let outside = false
  let before = 0
  for (const chunk of chunksOf(records)) {
    const receipt = await stream.commit(chunk, peer, { request: key && { key, from: before } })
    for (const one of receipt.rejected) {
      outside ||= one.scope !== undefined
      if (++count <= mostNamed) rejected.push({ ...one, index: before + one.index })
    }
    before += chunk.length
    await setImmediate()
  }
  const [first] = rejected
  if (first === undefined) return before
  throw new RecordsRejected(
    outside ? 'scope_forbidden' : 'attribution_incomplete',
    first.index,
    `${count} of ${before} records were not taken in: ${namesOf(rejected, count)}`,
  )
}

/** Each as large as is committed in one go. */
export function* chunksOf(records: Iterable<TextRecord>): Generator<TextRecord[]> {
  let chunk: TextRecord[] = []
  let bytes = 0
  for (const record of records) {
    chunk.push(record)
    bytes += record.oversize?.size ?? record.text.length
    if (chunk.length < chunkRecords && bytes < chunkBytes) continue
    yield chunk
    chunk = []
    bytes = 0
  }
  if (chunk.length > 0) yield chunk
}
