/**
 * Records by `POST`: 200 is said only after the commit of all of them; of a body with a record that is none, nothing is
 * taken in. Errors are problem details (RFC 9457).
 */
import { setImmediate } from 'node:timers/promises'
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import type { HttpProtocol } from '../server/http-server.ts'
import { chunkBytes, chunkRecords, type IntakeStream, type Peer } from '../server/intake-stream.ts'
import { bodyFormat } from './body-format.ts'
import { recordsOf } from './records.ts'

export function recordsOverHttp(path: string, stream: IntakeStream): HttpProtocol {
  return {
    routes: {
      [path]: async ({ peer, contentType, body }) => {
        const format = bodyFormat(contentType)
        const answer = await body((bytes) => ingest(recordsOf(bytes, format), stream, peer))
        return { type: 'application/json', body: Buffer.from(JSON.stringify(answer)) }
      },
    },
    writeError: (error) => ({
      type: 'application/problem+json',
      body: Buffer.from(JSON.stringify(problem(error))),
    }),
  }
}

interface Taken {
  readonly records: number
}

async function ingest(records: readonly TextRecord[], stream: IntakeStream, peer: Peer): Promise<Taken> {
  const rejected: string[] = []
  let before = 0
  for (const chunk of chunksOf(records)) {
    const receipt = await stream.commit(chunk, peer)
    for (const { index, missing } of receipt.rejected)
      rejected.push(`record ${before + index} lacks ${missing.join(', ')}`)
    before += chunk.length
    await setImmediate()
  }
  if (rejected.length === 0) return { records: records.length }
  const named = rejected.slice(0, mostNamed).join('; ')
  const more = rejected.length - mostNamed
  throw new AffiantError(
    'attribution_incomplete',
    `${rejected.length} of ${records.length} records were not taken in: ${named}${more > 0 ? `; and ${more} more` : ''}`,
  )
}

/** Of more an answer only says how many. */
const mostNamed = 20

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

const problem = (error: AffiantError) => ({
  title: error.definition.summary,
  status: error.definition.http,
  detail: (error.hint === undefined ? error.message : `${error.message}; ${error.hint}`).toWellFormed(),
  code: error.code,
})
