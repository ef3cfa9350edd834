/** Errors of the SDK as the table of classify.ts knows them. */
import { asError } from '../../errors.ts'
import type { Outcome } from '../sink.ts'
import { classifyFailure, parseRetryAfter } from '../transport/answer.ts'
import { classifyFault, doubtsCredentials, type Fault } from './classify.ts'

/** The server's answer behind an error; undefined where none came. */
export function faultOf(thrown: unknown, conceal: (text: string) => string): Fault | undefined {
  const error = asError(thrown)
  const status = numberAt(member(error, '$metadata'), 'httpStatusCode')
  if (status === undefined) return undefined
  const headers = member(member(error, '$response'), 'headers')
  const retryAfter = member(headers, 'retry-after')
  // A redirect names the place in a header, if at all.
  const region = status < 400 ? member(headers, 'x-amz-bucket-region') : undefined
  const where = typeof region === 'string' ? ` (the bucket is in region ${region})` : ''
  // Where the SDK could not read the answer, the answer says more than the SDK.
  const page = member(error, '$responseBodyText')
  return {
    // Codes are words; what else stands in their place is anybody's text, and may be a page of a proxy.
    code: /^[\w.-]{1,64}$/.test(error.name) && error.name !== 'Error' ? conceal(error.name) : '',
    status,
    message: conceal((typeof page === 'string' ? page : messageOf(error)) + where),
    retryAfter: typeof retryAfter === 'string' ? parseRetryAfter(retryAfter, Date.now()) : undefined,
  }
}

/** The SDK has a word for answers without one. */
const messageOf = ({ message }: Error): string => (/^Unknown(?:Error)?$/.test(message) ? '' : message)

export interface Judgement {
  readonly outcome: Outcome
  /** The credentials may be old ones. */
  readonly doubtful: boolean
}

export function judge(thrown: unknown, conceal: (text: string) => string): Judgement {
  const fault = faultOf(thrown, conceal)
  if (fault !== undefined) return { outcome: classifyFault(fault), doubtful: doubtsCredentials(fault) }
  const { name, message } = asError(thrown)
  // There are none, or they cannot be read or renewed. It may pass by itself, but somebody should know.
  if (
    /^(?:Credentials|Token)Provider|^ProviderError$/.test(name) ||
    member(thrown, 'code') === 'config_unreadable'
  ) {
    return { outcome: { kind: 'held', reason: `no credentials: ${conceal(message)}` }, doubtful: true }
  }
  return { outcome: classifyFailure(thrown), doubtful: false }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined
}

function numberAt(value: unknown, name: string): number | undefined {
  const found = member(value, name)
  return typeof found === 'number' ? found : undefined
}
