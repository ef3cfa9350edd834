/** Answers as Splunk writes them. Ours say in `detail` what and where, too. */
import type { AffiantError } from '../../errors.ts'
import type { Answer } from '../server/http-server.ts'
import { RecordsRejected } from '../server/take-texts.ts'
import { type HecCode, HecError, hecCodes } from './codes.ts'

type Members = Readonly<Record<string, unknown>>

export function answer(code: HecCode, more: Members = {}): Answer {
  const { status, text } = hecCodes[code]
  return json(status, { text, code, ...more })
}

export function json(status: number, value: Members): Answer {
  return { status, type: 'application/json', body: Buffer.from(JSON.stringify(value)) }
}

export function errorAnswer(error: AffiantError): Answer {
  const { message, hint } = error
  const at = error instanceof HecError ? error.at : error instanceof RecordsRejected ? error.first : undefined
  const more = {
    ...(at !== undefined && { 'invalid-event-number': at }),
    detail: (hint === undefined ? message : `${message}; ${hint}`).toWellFormed(),
  }
  const code = codeOf(error)
  if (code !== undefined) return answer(code, more)
  // Splunk's own web server says these.
  const status = error.definition.http
  return json(status, { text: error.definition.summary, code: status, ...more })
}

/** Undefined for what is refused before anybody looks at the events. */
function codeOf(error: AffiantError): HecCode | undefined {
  if (error instanceof HecError) return error.hec
  switch (error.definition.http) {
    case 400:
    case 422:
      return 6
    case 401:
      return 4
    // As of an event for an index that its token has no right to.
    case 403:
      return 7
    // Its clients know one way of being told to come back.
    case 429:
    case 503:
      return 9
    default:
      return undefined
  }
}
