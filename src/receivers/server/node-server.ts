/** Node's HTTP or HTTPS server with every bound set: who connects and says nothing is let go. */

import type { RequestListener } from 'node:http'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type Refusal, watchRefusals } from './refusals.ts'
import { type TlsFiles, tlsOptions } from './tls-files.ts'

export interface NodeServerOptions {
  /** Milliseconds in which a whole request must have arrived. */
  readonly timeout: number
  readonly maxConnections: number
  readonly tls: TlsFiles | undefined
  readonly refused: (refusal: Refusal) => void
}

export function createNodeServer(listener: RequestListener, options: NodeServerOptions): Server {
  const { timeout, tls } = options
  const limits = {
    requestTimeout: timeout,
    headersTimeout: Math.min(timeout, longestHeaders),
    keepAliveTimeout: idleConnection,
    // How late a timeout may be noticed.
    connectionsCheckingInterval: Math.min(5_000, Math.max(50, timeout / 4)),
    maxHeaderSize: largestHeaders,
  }
  const server = tls
    ? createHttpsServer(
        { ...limits, ...tlsOptions(tls), handshakeTimeout: Math.min(timeout, longestHeaders) },
        listener,
      )
    : createHttpServer(limits, listener)
  server.maxConnections = options.maxConnections
  // Who asks before he sends his body is answered as anybody: what can be refused is refused before he sends it.
  server.on('checkContinue', listener)
  // What else is expected is no reason to refuse it; Node's own 417 says nothing.
  server.on('checkExpectation', listener)
  watchRefusals(server, options.refused)
  return server
}

/** Bytes. */
export const largestHeaders = 16 * 1024
const longestHeaders = 10_000
/** Longer than the pause between two batches of an exporter (5 s by default, a minute in quiet applications). */
const idleConnection = 75_000
