/**
 * What all receivers over HTTP share: who is let in, bodies within limits, errors as answers. What stands at which path
 * and how an answer is written is the protocol's.
 *
 * Invariants: a fault that can pass is answered with 503 and Retry-After, never with 500, since clients throw away what
 * 500 was said to. A body is read only after everything that can be refused without reading it.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { AffiantError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { asAnswer, retryAfter } from './answer.ts'
import { readBody } from './body.ts'
import { Budget } from './budget.ts'
import type { HttpServerConfig } from './config.ts'
import { createCredentials } from './credentials.ts'
import { contentEncoding, inflate } from './inflate.ts'
import type { Peer } from './intake-stream.ts'
import { createNodeServer } from './node-server.ts'
import type { TlsFiles } from './tls-files.ts'

export interface HttpServerOptions {
  readonly receiver: string
  readonly config: HttpServerConfig
  readonly tls: TlsFiles | undefined
  readonly protocol: HttpProtocol
  /** Null while records are taken. */
  readonly pressure: () => { readonly message: string } | null
  /** Aborted when the receiver stops: connections are then closed after their answer. */
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

export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { receiver, config, protocol, metrics, stopping } = options
  const budget = new Budget(config.max_in_flight)
  const credentials = config.auth && createCredentials(config.auth.bearer)

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
        peer: identify(request),
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
  return app

  function identify({ raw, headers }: FastifyRequest): Peer {
    const authId = credentials?.identify(headers.authorization) ?? certificateName(raw.socket)
    // An IPv4 client of a socket that also takes IPv6.
    const ip = raw.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
    return { ...(ip && { ip }), ...(authId && { auth_id: authId }) }
  }

  async function withBody<T>(
    { raw, headers }: FastifyRequest,
    use: (body: Buffer) => Promise<T>,
  ): Promise<T> {
    const encoding = contentEncoding(headers['content-encoding'])
    const pressure = options.pressure()
    if (pressure) throw new AffiantError('journal_full', pressure.message)
    const lease = budget.lease()
    try {
      let body = await readBody(raw, config.max_body, lease)
      if (encoding !== 'identity') {
        const sent = body.length
        body = await inflate(body, encoding, config.max_body, lease)
        lease.give(sent)
      }
      metrics.bytesRead.inc({ receiver }, body.length)
      return await use(body)
    } finally {
      lease.release()
    }
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
    const slow = thrown.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const status = slow ? '408 Request Timeout' : '400 Bad Request'
    metrics.requests.inc({ receiver, status: status.slice(0, 3) })
    const error = new AffiantError('bad_request', slow ? 'the request took too long' : 'this is not HTTP/1.1')
    const { type, body } = protocol.writeError(error, undefined)
    const head = [
      `HTTP/1.1 ${status}`,
      'Connection: close',
      `Content-Type: ${type}`,
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
