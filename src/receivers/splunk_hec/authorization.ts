/**
 * Where clients of Splunk show their token: `Authorization: Splunk <token>`, as the password of basic authentication with
 * any user name, or in the query string.
 */
import type { RequestHead } from '../server/http-server.ts'
import { HecError } from './codes.ts'

/** As a bearer token. Throws a HecError where there is none to look at. */
export function bearerOf({ headers, query }: RequestHead, queryToken: boolean): string {
  const { authorization } = headers
  if (authorization !== undefined) return `Bearer ${tokenIn(authorization)}`
  const token = query.get('token')
  if (token === null) throw new HecError(2, 'there is no token: send "Authorization: Splunk <token>"')
  if (!queryToken) throw new HecError(16, 'this receiver takes no token from the query string')
  return `Bearer ${token}`
}

function tokenIn(authorization: string): string {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'splunk':
    case 'bearer':
      return value
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString('utf8')
      const colon = pair.indexOf(':')
      if (colon >= 0 && colon + 1 < pair.length) return pair.slice(colon + 1)
      throw new HecError(3, 'the basic credentials have no password: the token belongs there')
    }
    default:
      throw new HecError(3, 'the Authorization header is not "Splunk <token>"')
  }
}
