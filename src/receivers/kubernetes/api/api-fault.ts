/** What an API server answers instead of what was asked for, and what is to be done about it. */
import { isObject } from './received.ts'

/**
 * `gone`: what it was asked to go on from is not there any more, and everything is to be listed again. `refused`: somebody
 * has to change something. `passing`: it may work the next time.
 */
export type FaultKind = 'gone' | 'refused' | 'passing'

export class ApiFault extends Error {
  readonly kind: FaultKind
  /** HTTP status; 0 where nobody was asked. */
  readonly code: number
  /** Milliseconds that the server asks to wait; 0 where it does not. */
  readonly retryAfter: number

  constructor(kind: FaultKind, message: string, { code = 0, retryAfter = 0 } = {}) {
    super(message)
    this.name = 'ApiFault'
    this.kind = kind
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** By HTTP status, or `code` of a Status object. https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
export function faultKind(code: number): FaultKind {
  if (code === 410) return 'gone'
  return code === 401 || code === 403 || code === 404 ? 'refused' : 'passing'
}

/** Of a `metav1.Status`, as the body of an answer or the object of an ERROR event; of anything else its status alone. */
export function faultOf(code: number, status: unknown, retryAfter = 0): ApiFault {
  const { message, reason } = isObject(status) ? status : {}
  const said = [reason, message].filter((text) => typeof text === 'string' && text !== '')
  const own = isObject(status) && typeof status.code === 'number' ? status.code : code
  // An expired list or watch may come as 410 with either reason.
  const kind = reason === 'Expired' || reason === 'Gone' ? 'gone' : faultKind(own)
  return new ApiFault(
    kind,
    `the API server answered ${own}${said.length > 0 ? `: ${said.join(': ')}` : ''}`,
    { code: own, retryAfter },
  )
}
