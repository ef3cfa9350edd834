/** Requests to one origin: bounded in time and in what is read of the answer, through a proxy where there is one. */
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { abortable } from '../../clock.ts'
import { version } from '../../version.ts'
import type { Answer } from './answer.ts'
import type { TlsConfig } from './config.ts'
import { proxyFor } from './proxy.ts'
import { openTls, type TlsMaterial } from './tls.ts'
import { buildConnector, Pool, proxyAgent, request } from './undici.ts'

/** More of an answer's body than this and the connection is given up. Bytes. */
const LONGEST_ANSWER = 128 * 1024

export interface TransportOptions {
  /** Its name, for messages. */
  readonly sink: string
  /** `https://host:port`; what is behind the port is ignored. */
  readonly origin: string
  /** Limit of one request, from connecting to the end of the answer. Milliseconds. */
  readonly timeout: number
  readonly tls?: TlsConfig | undefined
  /** As `proxyConfig` gives it. */
  readonly proxy?: string | undefined
}

interface TransportRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer | string | undefined
  /** How much of the body of a 2xx answer is kept; bytes. Of others, the beginning is always kept. @default 0 */
  readonly keep?: number
  /** Other than the transport's. Milliseconds. */
  readonly timeout?: number
}

export interface Transport {
  /** Rejects when no answer came in time; with the signal's reason when it aborts. */
  request(request: TransportRequest, signal: AbortSignal): Promise<Answer>
  /** No request's bytes wait in a socket. A destination may answer before it has read to the end. */
  readonly flushed: boolean
  close(): Promise<void>
}

export async function openTransport(options: TransportOptions): Promise<Transport> {
  const { sink, timeout } = options
  const { origin } = new URL(options.origin)
  const tls = await openTls(sink, options.tls)
  const proxy = proxyFor({ sink, url: origin, proxy: options.proxy, env: process.env })
  const sockets = new Set<Socket>()
  let material = await tls.current()
  let dispatcher = openDispatcher(origin, { timeout, proxy }, material, sockets)
  const leaving = new Set<Dispatcher>()

  /** A new one for new certificates; what is under way with the old ones ends as it will. */
  async function current(): Promise<Dispatcher> {
    const now = await tls.current()
    if (now === material) return dispatcher
    const before = dispatcher
    material = now
    dispatcher = openDispatcher(origin, { timeout, proxy }, now, sockets)
    leaving.add(before)
    const left = () => leaving.delete(before)
    before.close().then(left, left)
    return dispatcher
  }

  return {
    async request(
      { method, path, headers, body, keep = 0, timeout: limit = timeout },
      signal,
    ): Promise<Answer> {
      const attempt = new AbortController()
      const abort = () => attempt.abort(signal.reason)
      const timer = setTimeout(() => attempt.abort(new Error(`no complete answer within ${limit} ms`)), limit)
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      try {
        const answer = request.call(await current(), {
          origin,
          method: method as Dispatcher.HttpMethod,
          path,
          headers: { 'user-agent': `affiant/${version}`, ...headers },
          body: body ?? null,
          signal: attempt.signal,
        })
        // The library heeds its signal once there is a connection; names, proxies and handshakes can take as long.
        answer.catch(() => undefined)
        return await readAnswer(await abortable(answer, attempt.signal), keep)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
    },
    get flushed() {
      // The sockets behind a proxy are the library's.
      if (proxy !== undefined) return false
      for (const socket of sockets) if (socket.writableLength > 0) return false
      return true
    },
    async close() {
      for (const each of [dispatcher, ...leaving]) await each.destroy()
    },
  }
}

/** The loop bounds what is under way; each request has a connection to itself. */
const ONE_EACH = { connections: null, pipelining: 1, allowH2: false } as const

function openDispatcher(
  origin: string,
  { timeout, proxy }: { readonly timeout: number; readonly proxy: URL | undefined },
  tls: TlsMaterial,
  sockets: Set<Socket>,
): Dispatcher {
  // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: nobody is sent audit records unseen.
  const secure = { timeout, allowH2: false, rejectUnauthorized: true, ...tls }
  const shared = { ...ONE_EACH, headersTimeout: timeout, bodyTimeout: timeout }
  if (proxy !== undefined) {
    // To the proxy itself the built-in certificates apply; `tls` is about the destination behind it.
    const limits = { headersTimeout: timeout, bodyTimeout: timeout }
    return proxyAgent({
      uri: proxy.href,
      ...shared,
      connectTimeout: timeout,
      proxyTls: { timeout, rejectUnauthorized: true },
      requestTls: secure,
      clientFactory: (at, given) => new Pool(at, { ...given, ...limits }),
    })
  }
  const plain = buildConnector(secure)
  const connect: typeof plain = (options, callback) => {
    plain(options, (...result) => {
      const [, socket] = result
      if (socket) {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      }
      callback(...result)
    })
  }
  return new Pool(origin, { ...shared, connect })
}

const nothing = Buffer.alloc(0)

async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  keep: number,
): Promise<Answer> {
  const success = statusCode >= 200 && statusCode < 300
  if (success && keep === 0) {
    // The status alone decides; read to its end, so that the connection is used again.
    await body.dump({ limit: LONGEST_ANSWER }).catch(() => undefined)
    return { status: statusCode, headers, bytes: nothing, text: '', cut: false }
  }
  // Of what is no success, enough to quote; a character has at most four bytes.
  const wanted = success ? keep : Math.max(keep, 4096)
  const kept: Buffer[] = []
  let bytes = 0
  let cut = false
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue
      if (bytes < wanted) kept.push(chunk.subarray(0, wanted - bytes))
      bytes += chunk.length
      if (bytes > wanted) cut = true
      if (bytes > Math.max(LONGEST_ANSWER, wanted)) break
    }
  } catch {
    // A body that breaks off takes nothing away from the status.
    cut = true
  }
  const read = Buffer.concat(kept)
  return { status: statusCode, headers, bytes: read, text: read.toString('utf8'), cut }
}
