/** The channel of a request: a GUID of the client's, for which acknowledgement ids are counted. */
import type { RequestHead } from '../server/http-server.ts'
import { HecError } from './codes.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** In lower case; undefined where there is none and none is needed. */
export function channelOf({ headers, query }: RequestHead, required: boolean): string | undefined {
  const header = headers['x-splunk-request-channel']
  const channel = (Array.isArray(header) ? header[0] : header) || query.get('channel') || undefined
  if (channel === undefined) {
    if (!required) return undefined
    throw new HecError(10, 'send a GUID as X-Splunk-Request-Channel, or as `channel` in the query string')
  }
  if (!guid.test(channel)) throw new HecError(11, 'the channel is no GUID')
  return channel.toLowerCase()
}
