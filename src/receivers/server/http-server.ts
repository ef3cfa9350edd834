/**
 * What all receivers over HTTP share: who is let in, bodies within limits, errors as answers. What stands at which path
 * and how an answer is written is the protocol's.
 *
 * Invariants: a fault that can pass is answered with 503 and Retry-After, never with 500, since clients throw away what
 * 500 was said to. A body is read only after everything that can be refused without reading it.
 */
import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { AffiantError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Admission } from './admission.ts'
import { asAnswer, retryAfter } from './answer.ts'
import { readBody } from './body.ts'
import type { ListenerConfig } from './config.ts'
import { Cors } from './cors.ts'
import type { CorsConfig } from './cors-config.ts'
import { contentEncoding, inflate } from './inflate.ts'
import type { Peer } from './intake-stream.ts'
import type { Server } from './listener.ts'
import { createNodeServer } from './node-server.ts'
import { renewTls, type TlsFiles } from './tls-files.ts'
import { Unanswered } from './unanswered.ts'
import { type Unparsed, unparsedError } from './unparsed.ts'

export interface HttpServerOptions {
  readonly receiver: string
  readonly config: Pick<ListenerConfig, 'timeout' | 'max_connections'> & {
    readonly cors?: CorsConfig | undefined
  }
  readonly admission: Admission
  readonly tls: TlsFiles | undefined
  readonly protocol: HttpProtocol
  readonly stopping: AbortSignal
  readonly log: Log
  readonly metrics: Metrics
}

export interface HttpProtocol {
  /** By path: what takes a POST, or what takes which method. */
  readonly routes: Readonly<Record<string, Handler | Methods>>
  /**
   * Where senders show their token in ways of the protocol's own: it, as an Authorization header with a bearer token. Throws
   * `unauthenticated` where none is shown.
   */
  readonly authorization?: (request: RequestHead) => string | undefined
  /** `contentType` is the request's. */
  writeError(error: AffiantError, contentType: string | undefined): Answer
}

/** Throws what `writeError` then writes. */
type Handler = (request: HttpRequest) => Promise<Answer>

export interface Methods {
  readonly GET?: Handler
  readonly POST?: Handler
  /** What may be asked here; its answer names the methods. Nobody is asked who he is. */
  readonly OPTIONS?: Handler
  /** Set where nobody is asked who he is. */
  readonly open?: true
}

export interface RequestHead {
  readonly headers: IncomingHttpHeaders
  readonly query: URLSearchParams
}

/** A request whose sender is known and whose body is not read yet. */
export interface HttpRequest extends RequestHead {
  readonly peer: Peer
  readonly contentType: string | undefined
  /** Reads and inflates the body, and frees it when `use` has settled. */
  readonly body: <T>(use: (body: Buffer) => Promise<T>, options?: BodyOptions) => Promise<T>
}

interface BodyOptions {
  /** It is not read while the journal is full. @default true */
  readonly isCommitted?: boolean
  /** Bytes, as sent and after inflating, where that is less than `max_body`. */
  readonly most?: number
}

export interface Answer {
  /** Where the protocol has its own. Default: 200, or what the error's definition says. */
  readonly status?: number
  readonly type: string
  readonly body: Buffer
}

const badUrl = () =>
  new AffiantError('bad_request', 'the path is none of a URL: behind each % belong two hex digits')

export function createHttpServer(options: HttpServerOptions): Server {
  const { receiver, config, admission, protocol, metrics, stopping } = options

  const app = fastify({
    serverFactory: (listener) =>
      createNodeServer(listener, {
        timeout: config.timeout,
        maxConnections: config.max_connections,
        tls: options.tls,
        refused: (refusal) => admission.refused(refusal),
      }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Its own message quotes the URL, where a token may stand.
    frameworkErrors: (thrown, request, reply) =>
      answerError(thrown.code === 'FST_ERR_BAD_URL' ? badUrl() : thrown, request, reply),
    clientErrorHandler: answerUnparsed,
  })

  // Bodies are read by the routes.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))

  const unanswered = new Unanswered()
  const proceeding = new WeakSet<IncomingMessage>()
  app.addHook('onRequest', async (request, reply) => {
    unanswered.came(request.raw)
    if (!stopping.aborted) return
    reply.header('connection', 'close')
    throw new AffiantError('overloaded', 'the receiver is stopping')
  })
  const cors = config.cors && new Cors(config.cors)
  if (cors) {
    app.addHook('onRequest', async ({ raw, url }, reply) => {
      reply.headers(cors.answered(raw))
      const preflight = cors.preflight(raw, allowed.get(url.split('?', 1)[0]!))
      if (preflight) return reply.code(204).headers(preflight).send()
    })
  }
  app.addHook('onSend', async (request, reply) => {
    if (stopping.aborted || waitsForWord(request.raw)) reply.header('connection', 'close')
  })
  const cutOff = new WeakSet<IncomingMessage>()
  app.addHook('onResponse', async (request, reply) => {
    unanswered.answered(request.raw)
    if (cutOff.has(request.raw)) return
    metrics.requests.inc({ receiver, status: String(reply.statusCode) })
  })

  const allowed = new Map<string, string[]>()
  for (const [path, route] of Object.entries(protocol.routes)) {
    const methods: Methods = typeof route === 'function' ? { POST: route } : route
    for (const method of ['GET', 'POST', 'OPTIONS'] as const) {
      const handle = methods[method]
      if (handle === undefined) continue
      allowed.set(path, [...(allowed.get(path) ?? []), method])
      app.route({
        method,
        url: path,
        handler: async (request, reply) => {
          const isOptions = method === 'OPTIONS'
          const {
            status = 200,
            type,
            body,
          } = await handle(await heard(request, reply, isOptions || methods.open === true))
          if (isOptions) reply.header('allow', allowed.get(path)!.join(', '))
          return reply.code(status).type(type).send(body)
        },
      })
    }
  }

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!
    const methods = allowed.get(path)
    if (methods === undefined) {
      const paths = [...allowed.keys()].filter((known) => allowed.get(known)!.includes('POST'))
      throw new AffiantError('not_found', 'there is nothing at this path', {
        hint: `POST ${paths.join(' or ')}`,
      })
    }
    reply.header('allow', methods.join(', '))
    throw new AffiantError(
      'method_not_allowed',
      `${path} takes ${methods.join(' and ')}, not ${request.method}`,
    )
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

  async function heard(request: FastifyRequest, reply: FastifyReply, open: boolean): Promise<HttpRequest> {
    const { headers, raw, url } = request
    const mark = url.indexOf('?')
    const head = { headers, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) }
    const authorization = () =>
      protocol.authorization ? protocol.authorization(head) : headers.authorization
    const peer = open ? {} : await admission.identify(authorization, raw.socket)
    return {
      ...head,
      peer,
      contentType: headers['content-type'],
      body: (use, options = {}) => withBody(request, reply, peer, use, options),
    }
  }

  /** Who sends `Expect: 100-continue` sends no body before he hears that it is wanted; one that is refused may never come. */
  function waitsForWord(request: IncomingMessage): boolean {
    return request.headers.expect !== undefined && !proceeding.has(request)
  }

  async function withBody<T>(
    { raw, headers }: FastifyRequest,
    reply: FastifyReply,
    peer: Peer,
    use: (body: Buffer) => Promise<T>,
    { isCommitted = true, most = Number.POSITIVE_INFINITY }: BodyOptions,
  ): Promise<T> {
    const limit = Math.min(most, admission.maxBody)
    const encoding = contentEncoding(headers['content-encoding'])
    return admission.hold(
      peer,
      async (lease) => {
        const sent = await readBody(raw, limit, lease, () => {
          if (!waitsForWord(raw)) return
          reply.raw.writeContinue()
          proceeding.add(raw)
        })
        if (encoding === 'identity') return sent
        const inflated = await inflate(sent, encoding, limit, lease)
        lease.give(sent.length)
        return inflated
      },
      use,
      isCommitted,
    )
  }

  function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = asAnswer(thrown)
    if (error.code === 'internal') options.log.error({ err: thrown }, 'request failed by a defect')
    else options.log.debug({ code: error.code, peer: request.ip }, error.message)
    const wait = retryAfter(error)
    if (wait !== undefined) reply.header('retry-after', String(wait))
    const { http } = error.definition
    const { status = http, type, body } = protocol.writeError(error, request.headers['content-type'])
    if (status === 401) reply.header('www-authenticate', [...admission.challenges])
    reply.code(status).type(type).send(body)
  }

  /** What was no HTTP request, or took too long to become one: there is no reply that could be used. */
  function answerUnparsed(thrown: Unparsed, socket: Socket): void {
    // Of a handshake that failed there is nobody to read an answer, and the connection would wait for him.
    const unread = thrown.code === 'ECONNRESET' || /^ERR_(SSL|TLS)_/.test(thrown.code ?? '')
    if (unread || !socket.writable) {
      socket.destroy()
      return
    }
    unanswered.after(socket, () => endWith(unparsedError(thrown), socket))
  }

  function endWith(error: AffiantError, socket: Socket): void {
    if (!socket.writable) return
    const request = unanswered.unfinished(socket)
    // What its route makes of its end nobody hears.
    if (request) cutOff.add(request)
    const contentType = request?.headers['content-type']
    const { status = error.definition.http, type, body } = protocol.writeError(error, contentType)
    metrics.requests.inc({ receiver, status: String(status) })
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      `Content-Type: ${type}`,
      `Content-Length: ${body.length}`,
    ]
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
  }
}
