/**
 * What the API server hears: 200 after the commit of the whole list, or a `Status`, as it is used to. It tries a batch five times
 * whatever the error is, over some 80 s, and then drops it. Each of these is repeated for up to 30 s where Retry-After says how long
 * to wait, so that passing faults must say that.
 */
import type { AffiantError } from '../../errors.ts'
import { retryAfter } from '../server/answer.ts'
import type { HttpProtocol } from '../server/http-server.ts'
import type { IntakeStream } from '../server/intake-stream.ts'
import { takeTexts } from '../server/take-texts.ts'
import { eventsOf } from './event-list.ts'

/** `maxRecord` in bytes: a longer event is not read. */
export function auditWebhook(path: string, maxRecord: number, stream: IntakeStream): HttpProtocol {
  return {
    routes: {
      [path]: async ({ peer, body }) => {
        await body(async (bytes) => takeTexts(await eventsOf(bytes, maxRecord), stream, peer))
        return {
          type: 'application/json',
          body: Buffer.from('{"kind":"Status","apiVersion":"v1","status":"Success"}'),
        }
      },
    },
    writeError: (error) => ({ type: 'application/json', body: Buffer.from(JSON.stringify(statusOf(error))) }),
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'Timeout',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function statusOf(error: AffiantError) {
  const code = error.definition.http
  const wait = retryAfter(error)
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: (error.hint === undefined ? error.message : `${error.message}; ${error.hint}`).toWellFormed(),
    reason: reasons[code] ?? 'Unknown',
    ...(wait !== undefined && { details: { retryAfterSeconds: wait } }),
    code,
  }
}
