/** The call: OCSF's API, HTTP request, service and trace objects. */
import { type Members, present } from '../../absent.ts'
import type { Line } from '../../line.ts'

/** `http_method`. */
const methods = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])

export function api({ action, producer, request, outcome }: Line): Members {
  const { service, product, version } = producer
  return {
    operation: action,
    ...present({
      service: present({ name: service ?? product, version: service === undefined ? undefined : version }),
      request: request?.id === undefined ? undefined : { uid: request.id },
      response: responseOf(outcome),
    }),
  }
}

function responseOf({ result, code, reason }: Line['outcome']): Members | undefined {
  const number = code !== undefined && /^\d{1,9}$/.test(code) ? Number(code) : undefined
  const failed = result === 'failure' || result === 'denied'
  return present({
    code: number,
    error: failed && number === undefined ? code : undefined,
    error_message: failed ? reason : undefined,
  })
}

export function httpRequest({ request, source }: Line): Members | undefined {
  const method = request?.method?.toUpperCase()
  const path = request?.path
  return present({
    http_method: method !== undefined && methods.has(method) ? method : undefined,
    url: path === undefined ? undefined : path.startsWith('/') ? pathOf(path) : { url_string: path },
    uid: method === undefined && path === undefined ? undefined : request?.id,
    user_agent: source?.user_agent,
  })
}

/** Codes of calls that were HTTP's. */
export const httpResponse = ({ request, outcome: { code } }: Line): Members | undefined =>
  request?.method !== undefined && /^[1-5]\d\d$/.test(code ?? '') ? { code: Number(code) } : undefined

function pathOf(text: string): Members {
  const at = text.indexOf('?')
  return at === -1 ? { path: text } : { path: text.slice(0, at), query_string: text.slice(at + 1) }
}

export const service = ({ producer: { service: name, product, version } }: Line): Members | undefined =>
  present({ name: name ?? product, version })

export const trace = ({ request }: Line): Members | undefined =>
  request?.trace_id === undefined ? undefined : { uid: request.trace_id }

export const logProvider = ({ producer: { service: name, product } }: Line): string => name ?? product
