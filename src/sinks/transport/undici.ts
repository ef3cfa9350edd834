/**
 * Of undici, a pool of connections and requests over it. Its index loads fetch, WebSockets, caches and mocks as well: a
 * twentieth of what starting costs, and 13 MiB, for nothing that is used here.
 */
import { createRequire, Module } from 'node:module'
import type undici from 'undici'

const require = createRequire(import.meta.url)

// Sinks speak HTTP/1.1 (`allowH2: false`). What would speak HTTP/2 loads Node's part of it, 7 MiB, and is asked for as soon
// as a pool is: it is told here that the module is there already.
const http2 = require.resolve('undici/lib/dispatcher/client-h2.js')
require.cache[http2] ??= Object.assign(new Module(http2), { loaded: true, exports: refuseHttp2 })

function refuseHttp2(): never {
  throw new Error('HTTP/2 is not spoken to sinks')
}

export const Pool: typeof undici.Pool = require('undici/lib/dispatcher/pool.js')
export const buildConnector: typeof undici.buildConnector = require('undici/lib/core/connect.js')

/** A request over `dispatcher`: what its index makes a method of every dispatcher. */
export const request: (
  this: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
) => Promise<undici.Dispatcher.ResponseData> = require('undici/lib/api/api-request.js')

/** Only where requests go through a proxy. It needs all of it: the methods that the index gives to dispatchers. */
export function proxyAgent(options: undici.ProxyAgent.Options): undici.ProxyAgent {
  const { ProxyAgent }: typeof undici = require('undici')
  return new ProxyAgent(options)
}
