/**
 * Records by `POST`: 200 is said only after the commit of all of them; of a body with a record that is none, nothing is
 * taken in. Errors are problem details (RFC 9457).
 */
import type { AffiantError } from '../../errors.ts'
import type { HttpProtocol } from '../server/http-server.ts'
import type { IntakeStream } from '../server/intake-stream.ts'
import { RequestKey } from '../server/request-key.ts'
import { takeTexts } from '../server/take-texts.ts'
import { bodyFormat, toUtf8 } from './body-format.ts'
import { attributesIn } from './cloud-event-headers.ts'
import { idempotencyKeyIn } from './idempotency-key.ts'
import { recordOf, recordsIn } from './records.ts'

/** `maxRecord` in bytes: a longer record is not read. */
export function recordsOverHttp(path: string, maxRecord: number, stream: IntakeStream): HttpProtocol {
  return {
    routes: {
      [path]: async ({ headers, peer, contentType, body }) => {
        const format = bodyFormat(contentType)
        const utf8 = toUtf8(contentType)
        // What is a CloudEvent by its body needs no headers for that.
        const attributes = format.startsWith('cloudevent') ? undefined : attributesIn(headers)
        const given = idempotencyKeyIn(headers)
        const count = await body(async (bytes) => {
          const sent = utf8(bytes)
          const records = attributes
            ? await recordOf(sent, contentType!, attributes, maxRecord)
            : await recordsIn(sent, format, maxRecord)
          const all = () =>
            Buffer.concat([Buffer.from(`${format}\n${JSON.stringify(attributes) ?? ''}`), bytes])
          const key = given === undefined ? undefined : new RequestKey(peer.auth_id ?? '', given, all())
          return takeTexts(records, stream, peer, key)
        })
        return { type: 'application/json', body: Buffer.from(JSON.stringify({ records: count })) }
      },
    },
    writeError: (error) => ({
      type: 'application/problem+json',
      body: Buffer.from(JSON.stringify(problem(error))),
    }),
  }
}

const problem = (error: AffiantError) => ({
  title: error.definition.summary,
  status: error.definition.http,
  detail: (error.hint === undefined ? error.message : `${error.message}; ${error.hint}`).toWellFormed(),
  code: error.code,
})
