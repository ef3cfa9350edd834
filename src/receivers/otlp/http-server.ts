/**
 * OTLP over HTTP: `POST /v1/logs`.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 *
 * Invariants: 200 is said only after the commit. A fault that can pass is answered with 503 and Retry-After, never
 * with 500, since clients throw away what 500 was said to. Every answer is in the request's encoding, errors too.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { AffiantError, asError, type ErrorCode } from '../../errors.ts'
import type { RecordChunk } from '../../event/record.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import {
  bodyFormat,
  encodePartialSuccess,
  encodeStatus,
  encodeSuccess,
  mediaTypes,
  type Rejected,
  retryAfter,
} from './answer.ts'
import { readBody } from './body.ts'
import { Budget, type Lease } from './budget.ts'
import type { OtlpReceiverConfig } from './config.ts'
import { createCredentials } from './credentials.ts'
import { contentEncoding, inflate } from './inflate.ts'
import type { Ingest } from './ingest.ts'
import { createNodeServer } from './node-server.ts'
import type { TlsFiles } from './tls-files.ts'

export interface HttpServerOptions {
  readonly receiver: string
  readonly config: OtlpReceiverConfig
  readonly tls: TlsFiles | undefined
  readonly ingest: Ingest
  readonly pressure: () => { readonly message: string } | null
  /** Aborted when the receiver stops: connections are then closed after their answer. */
  readonly stopping: AbortSignal
  readonly log: Log
  readonly metrics: Metrics
}

const logsPath = '/v1/logs'

export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { receiver, config, ingest, metrics, stopping } = options
  const { listen: _, ...http } = config.http
  const budget = new Budget(config.max_in_flight)
  const credentials = config.auth && createCredentials(config.auth.bearer)

  const app = fastify({
    serverFactory: (listener) =>
      createNodeServer(listener, {
        timeout: http.timeout,
        maxConnections: http.max_connections,
        tls: options.tls,
      }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: (thrown, request, reply) => answerError(thrown, request, reply),
    clientErrorHandler: answerUnparsed,
  })

  // Bodies are read by the handler, after everything that can be refused without reading them.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))

  app.addHook('onRequest', async (_request, reply) => {
    if (!stopping.aborted) return
    reply.header('connection', 'close')
    throw new AffiantError('overloaded', 'the receiver is stopping')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.aborted) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (_request, reply) => {
    metrics.requests.inc({ receiver, status: String(reply.statusCode) })
  })

  app.post(logsPath, async (request, reply) => {
    const peer = identify(request)
    const format = bodyFormat(request.headers['content-type'])
    if (format === undefined) {
      throw new AffiantError('unsupported_media_type', 'the Content-Type is not one of OTLP/HTTP', {
        hint: `use ${mediaTypes.protobuf} or ${mediaTypes.json}`,
      })
    }
    const lease = budget.lease()
    let rejected: readonly Rejected[]
    try {
      const body = await receive(request, lease)
      metrics.bytesRead.inc({ receiver }, body.length)
      rejected = await ingest.take(body, format, peer)
    } finally {
      lease.release()
    }
    const answer = rejected.length === 0 ? encodeSuccess(format) : encodePartialSuccess(rejected, format)
    return reply.type(mediaTypes[format]).send(answer)
  })

  app.setNotFoundHandler((request, reply) => {
    if (request.url.split('?', 1)[0] !== logsPath) {
      throw new AffiantError('not_found', 'there is nothing at this path', { hint: `POST ${logsPath}` })
    }
    reply.header('allow', 'POST')
    throw new AffiantError('method_not_allowed', `${logsPath} takes POST, not ${request.method}`)
  })
  app.setErrorHandler(answerError)
  return app

  function identify({ raw, headers }: FastifyRequest): NonNullable<RecordChunk['peer']> {
    const authId = credentials?.identify(headers.authorization) ?? certificateName(raw.socket)
    // An IPv4 client of a socket that also takes IPv6.
    const ip = raw.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
    return { ...(ip && { ip }), ...(authId && { auth_id: authId }) }
  }

  async function receive({ raw, headers }: FastifyRequest, lease: Lease): Promise<Buffer> {
    const encoding = contentEncoding(headers['content-encoding'])
    const pressure = options.pressure()
    if (pressure) throw new AffiantError('journal_full', pressure.message)
    const sent = await readBody(raw, config.max_body, lease)
    if (encoding === 'identity') return sent
    const inflated = await inflate(sent, encoding, config.max_body, lease)
    lease.give(sent.length)
    return inflated
  }

  function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = asAnswer(thrown)
    if (error.code === 'internal') options.log.error({ err: thrown, receiver }, 'request failed by a defect')
    else options.log.debug({ receiver, code: error.code, peer: request.ip }, error.message)
    const format = bodyFormat(request.headers['content-type']) ?? 'json'
    const wait = retryAfter(error)
    if (wait !== undefined) reply.header('retry-after', String(wait))
    if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
    reply.code(error.definition.http).type(mediaTypes[format]).send(encodeStatus(error, format))
  }

  /** What was no HTTP request, or took too long to become one: there is no reply object yet. */
  function answerUnparsed(thrown: Error & { readonly code?: string }, socket: Socket): void {
    if (thrown.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const slow = thrown.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const status = slow ? '408 Request Timeout' : '400 Bad Request'
    metrics.requests.inc({ receiver, status: status.slice(0, 3) })
    const error = new AffiantError('bad_request', slow ? 'the request took too long' : 'this is not HTTP/1.1')
    const body = encodeStatus(error, 'json')
    const head = [
      `HTTP/1.1 ${status}`,
      'Connection: close',
      `Content-Type: ${mediaTypes.json}`,
      `Content-Length: ${body.length}`,
    ]
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
  }
}

/** The subject of the client's certificate, where one was asked for and checked. */
function certificateName(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const name = socket.getPeerCertificate().subject?.CN
  return Array.isArray(name) ? name[0] : name
}

const frameworkCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** What a client is told: our own errors as they are, the framework's by their status, all else as a defect. */
function asAnswer(thrown: unknown): AffiantError {
  if (thrown instanceof AffiantError) {
    const { http, retryable } = thrown.definition
    if (http < 500 || retryable) return thrown
  } else {
    const error = asError(thrown)
    const code = 'statusCode' in error ? frameworkCodes[Number(error.statusCode)] : undefined
    if (code) return new AffiantError(code, error.message, { cause: thrown })
  }
  return new AffiantError('internal', 'a defect in the receiver; the request can be sent again', {
    cause: thrown,
  })
}
