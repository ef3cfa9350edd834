/** One request, bounded in time and in what is read of the answer. */
import type { Socket } from 'node:net'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import { version } from '../../version.ts'
import type { DeliveryBatch } from '../sink.ts'
import type { Answer } from './classify.ts'
import type { HttpSinkConfig } from './config.ts'
import { authorization, secretsOf } from './credentials.ts'
import { contentTypes } from './encode.ts'
import { readTls } from './tls.ts'

/** Of an answer that is no success, so much is quoted. Characters. */
const QUOTED = 200
/** More of an answer's body than this and the connection is given up. Bytes. */
const LONGEST_ANSWER = 128 * 1024

export interface HttpSender {
  /** Rejects when no answer came in time; with the signal's reason when it aborts. */
  send(batch: DeliveryBatch, body: Buffer, signal: AbortSignal): Promise<Answer>
  /** No request's bytes wait in a socket. A destination may answer before it has read to the end. */
  readonly flushed: boolean
  close(): Promise<void>
}

/** @param sink its name, for messages */
export async function openSender(sink: string, config: HttpSinkConfig): Promise<HttpSender> {
  const { origin, pathname, search } = new URL(config.url)
  const tls = await readTls(sink, config.tls)
  const connect = buildConnector({
    timeout: config.timeout,
    allowH2: false,
    ...tls,
  })
  const sockets = new Set<Socket>()
  const pool = new Pool(origin, {
    // The loop bounds what is under way; each request has a connection to itself.
    connections: null,
    pipelining: 1,
    allowH2: false,
    connect(options, callback) {
      connect(options, (...result) => {
        const [, socket] = result
        if (socket) {
          sockets.add(socket)
          socket.once('close', () => sockets.delete(socket))
        }
        callback(...result)
      })
    },
    headersTimeout: config.timeout,
    bodyTimeout: config.timeout,
  })
  const headers: Record<string, string> = {
    'user-agent': `affiant/${version}`,
    'content-type': contentTypes[config.format],
  }
  for (const [name, value] of Object.entries(config.headers)) headers[name.toLowerCase()] = value
  if (config.compression !== 'none') headers['content-encoding'] = config.compression
  const identity = authorization(config.auth)
  if (identity !== undefined) headers.authorization = identity
  const conceal = concealer(config)

  return {
    async send(batch, body, signal) {
      const attempt = new AbortController()
      const abort = () => attempt.abort(signal.reason)
      const timer = setTimeout(
        () => attempt.abort(new Error(`no complete answer within ${config.timeout} ms`)),
        config.timeout,
      )
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      try {
        const answer = await pool.request({
          method: config.method,
          path: pathname + search,
          headers: { ...headers, 'idempotency-key': batch.key },
          body,
          signal: attempt.signal,
        })
        return await readAnswer(answer, conceal)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
    },
    get flushed() {
      for (const socket of sockets) if (socket.writableLength > 0) return false
      return true
    },
    close: () => pool.destroy(),
  }
}

async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  conceal: (text: string) => string,
) {
  const answer = {
    status: statusCode,
    retryAfter: single(headers['retry-after']),
    date: single(headers.date),
  }
  // The status alone decides; a body that breaks off takes nothing away from it.
  if (statusCode >= 200 && statusCode < 300) {
    // Read to its end, so that the connection is used again.
    await body.dump({ limit: LONGEST_ANSWER }).catch(() => undefined)
    return { ...answer, text: '' }
  }
  const text = await readBeginning(body).catch(() => '')
  return { ...answer, text: conceal(text) }
}

async function readBeginning(body: Dispatcher.ResponseData['body']): Promise<string> {
  const kept: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue
    // A character has at most four bytes.
    if (bytes < QUOTED * 4) kept.push(chunk)
    bytes += chunk.length
    if (bytes > LONGEST_ANSWER) break
  }
  return Buffer.concat(kept).toString('utf8')
}

/** Some destinations echo what they did not like. What could be a secret does not reach logs or dead letters. */
function concealer(config: HttpSinkConfig): (text: string) => string {
  const secrets = secretsOf(config)
    .filter((value) => value.length >= 4)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    const concealed = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    // One printable line, for logs and terminals.
    return concealed
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
      .slice(0, QUOTED)
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
