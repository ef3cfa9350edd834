/** Requests to one origin: bounded in time and in what is read of the answer, through a proxy where there is one. */
import type { Socket } from 'node:net'
import { buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent } from 'undici'
import { version } from '../../version.ts'
import type { Answer } from './answer.ts'
import type { TlsConfig } from './config.ts'
import { readTls } from './tls.ts'

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
  const tls = await readTls(sink, options.tls)
  const sockets = new Set<Socket>()
  const dispatcher = openDispatcher(origin, options, tls, sockets)

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
        const answer = await dispatcher.request({
          origin,
          method: method as Dispatcher.HttpMethod,
          path,
          headers: { 'user-agent': `affiant/${version}`, ...headers },
          body: body ?? null,
          signal: attempt.signal,
        })
        return await readAnswer(answer, keep)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
    },
    get flushed() {
      for (const socket of sockets) if (socket.writableLength > 0) return false
      return true
    },
    close: () => dispatcher.destroy(),
  }
}

/** The loop bounds what is under way; each request has a connection to itself. */
const ONE_EACH = { connections: null, pipelining: 1, allowH2: false } as const

function openDispatcher(
  origin: string,
  { timeout, proxy }: TransportOptions,
  tls: Awaited<ReturnType<typeof readTls>>,
  sockets: Set<Socket>,
): Dispatcher {
  const plain = buildConnector({ timeout, allowH2: false, ...tls })
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
  const shared = { ...ONE_EACH, headersTimeout: timeout, bodyTimeout: timeout, connect }
  if (proxy === 'none') return new Pool(origin, shared)
  // To the proxy itself the built-in certificates apply; `tls` is about the destination behind it.
  const proxied = { ...shared, requestTls: { timeout, ...tls } }
  if (proxy !== undefined) return new ProxyAgent({ uri: proxy, ...proxied })
  return proxyVariables.some((name) => process.env[name])
    ? new EnvHttpProxyAgent(proxied)
    : new Pool(origin, shared)
}

const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']

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
