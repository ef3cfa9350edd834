/**
 * What all receivers over HTTP share: who is let in, bodies within limits, errors as answers. What stands at which path
 * and how an answer is written is the protocol's.
 *
 * Invariants: a fault that can pass is answered with 503 and Retry-After, never with 500, since clients throw away what
 * 500 was said to. A body is read only after everything that can be refused without reading it.
 */
import { STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { AffiantError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Admission } from './admission.ts'
import { asAnswer, retryAfter } from './answer.ts'
import { readBody } from './body.ts'
import type { ListenerConfig } from './config.ts'
import { contentEncoding, inflate } from './inflate.ts'
import type { Peer } from './intake-stream.ts'
import type { Server } from './listener.ts'
import { createNodeServer } from './node-server.ts'
import { renewTls, type TlsFiles } from './tls-files.ts'

export interface HttpServerOptions {
  readonly receiver: string
  readonly config: Pick<ListenerConfig, 'timeout' | 'max_connections'>
  readonly admission: Admission
  readonly tls: TlsFiles | undefined
  readonly protocol: HttpProtocol
  readonly stopping: AbortSignal
  readonly log: Log
  readonly metrics: Metrics
}

export interface HttpProtocol {
  /** What takes a POST. Throws what `writeError` then writes. */
  readonly routes: Readonly<Record<string, (request: HttpRequest) => Promise<Answer>>>
  /** `contentType` is the request's. */
  writeError(error: AffiantError, contentType: string | undefined): Answer
}

/** A request whose sender is known and whose body is not read yet. */
interface HttpRequest {
  readonly peer: Peer
  readonly contentType: string | undefined
  /** Reads and inflates the body, and frees it when `use` has settled. */
  readonly body: <T>(use: (body: Buffer) => Promise<T>) => Promise<T>
}

interface Answer {
  readonly type: string
  readonly body: Buffer
}

export function createHttpServer(options: HttpServerOptions): Server {
  const { receiver, config, admission, protocol, metrics, stopping } = options

  const app = fastify({
    serverFactory: (listener) =>
      createNodeServer(listener, {
        timeout: config.timeout,
        maxConnections: config.max_connections,
        tls: options.tls,
      }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: (thrown, request, reply) => answerError(thrown, request, reply),
    clientErrorHandler: answerUnparsed,
  })

  // Bodies are read by the routes.
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

  for (const [path, handle] of Object.entries(protocol.routes)) {
    app.post(path, async (request, reply) => {
      const { type, body } = await handle({
        peer: admission.identify(request.headers.authorization, request.raw.socket),
        contentType: request.headers['content-type'],
        body: (use) => withBody(request, use),
      })
      return reply.type(type).send(body)
    })
  }

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!
    const paths = Object.keys(protocol.routes)
    if (!paths.includes(path)) {
      throw new AffiantError('not_found', 'there is nothing at this path', {
        hint: `POST ${paths.join(' or ')}`,
      })
    }
    reply.header('allow', 'POST')
    throw new AffiantError('method_not_allowed', `${path} takes POST, not ${request.method}`)
  })
  app.setErrorHandler(answerError)

  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      return (app.server.address() as AddressInfo).port
    },
    renew: (files) => renewTls(app.server, files),
    close: () => app.close(),
    destroy: () => app.server.closeAllConnections(),
  }

  async function withBody<T>(
    { raw, headers }: FastifyRequest,
    use: (body: Buffer) => Promise<T>,
  ): Promise<T> {
    const encoding = contentEncoding(headers['content-encoding'])
    return admission.hold(async (lease) => {
      const sent = await readBody(raw, admission.maxBody, lease)
      if (encoding === 'identity') return sent
      const inflated = await inflate(sent, encoding, admission.maxBody, lease)
      lease.give(sent.length)
      return inflated
    }, use)
  }

  function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = asAnswer(thrown)
    if (error.code === 'internal') options.log.error({ err: thrown, receiver }, 'request failed by a defect')
    else options.log.debug({ receiver, code: error.code, peer: request.ip }, error.message)
    const wait = retryAfter(error)
    if (wait !== undefined) reply.header('retry-after', String(wait))
    if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
    const { type, body } = protocol.writeError(error, request.headers['content-type'])
    reply.code(error.definition.http).type(type).send(body)
  }

  /** What was no HTTP request, or took too long to become one: there is no reply object yet. */
  function answerUnparsed(thrown: Error & { readonly code?: string }, socket: Socket): void {
    if (thrown.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const error =
      thrown.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new AffiantError('request_timeout', 'the request took too long to arrive')
        : new AffiantError('bad_request', 'this is not HTTP/1.1')
    const status = error.definition.http
    metrics.requests.inc({ receiver, status: String(status) })
    const { type, body } = protocol.writeError(error, undefined)
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      `Content-Type: ${type}`,
      `Content-Length: ${body.length}`,
    ]
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
  }
}
