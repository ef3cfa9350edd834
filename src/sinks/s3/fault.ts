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
  const retryAfter = member(member(member(error, '$response'), 'headers'), 'retry-after')
  return {
    code: error.name,
    status,
    message: conceal(error.message),
    retryAfter: typeof retryAfter === 'string' ? parseRetryAfter(retryAfter, Date.now()) : undefined,
  }
}

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
