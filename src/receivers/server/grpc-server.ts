/**
 * gRPC for unary calls, on Node's HTTP/2. The library for it holds every message whole before anybody is asked; here a
 * body counts towards the receiver's budget from its first byte, and is refused by its announced length (decision 009).
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 *
 * Invariants: a fault that can pass is answered with UNAVAILABLE and RetryInfo. What can be refused without reading a
 * message is. What a client gave up waiting for before any of it was committed is not taken in.
 */
import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Admission } from './admission.ts'
import { asAnswer } from './answer.ts'
import type { ListenerConfig } from './config.ts'
import { Deadline, exceeded, grpcTimeout } from './grpc-deadline.ts'
import { frameMessage, readMessage } from './grpc-message.ts'
import { statusTrailers } from './grpc-status.ts'
import { contentEncoding, inflate } from './inflate.ts'
import type { Peer } from './intake-stream.ts'
import type { Server } from './listener.ts'
import { watchRefusals } from './refusals.ts'
import { renewTls, type TlsFiles, tlsOptions } from './tls-files.ts'

/**
 * Takes a message, and answers one. Calls `begin` before anything of it is on its way into the journal: what that throws keeps
 * it out, and is answered.
 */
type Method = (message: Buffer, peer: Peer, begin: () => void) => Promise<Buffer>

export interface GrpcServerOptions {
  readonly receiver: string
  readonly config: Pick<ListenerConfig, 'timeout' | 'max_connections'>
  readonly admission: Admission
  readonly tls: TlsFiles | undefined
  /** By path: `/package.Service/Method`. */
  readonly methods: Readonly<Record<string, Method>>
  /** Aborted when the receiver stops. */
  readonly stopping: AbortSignal
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
}

export function createGrpcServer(options: GrpcServerOptions): Server {
  const { receiver, config, admission, methods, stopping, log, metrics, clock } = options
  const sessions = new Set<ServerHttp2Session>()
  const server = open(options)
  server.maxConnections = config.max_connections
  watchRefusals(server, (refusal) => admission.refused(refusal))
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    // A broken connection ends its calls; nobody else needs to know.
    session.on('error', () => {})
    session.setTimeout(idleConnection, () => session.close())
    session.setLocalWindowSize(connectionWindow)
    if (stopping.aborted) session.close()
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (!isGrpc(headers)) return refuseProtocol(stream)
    call(stream, headers)
      .catch((thrown: unknown) => refuse(stream, thrown))
      .catch((thrown: unknown) => {
        log.error({ err: thrown }, 'call failed by a defect')
        stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      })
  })

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve((server.address() as AddressInfo).port)
        })
      }),
    renew: (files) => renewTls(server, files),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.close()
      }),
    destroy() {
      for (const session of sessions) session.destroy()
    },
  }

  async function call(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    if (stopping.aborted) throw stopping.reason
    const path = headers[':path']
    const method = path !== undefined && Object.hasOwn(methods, path) ? methods[path] : undefined
    if (method === undefined) {
      throw new AffiantError('method_not_allowed', `there is no method ${path?.slice(0, 200)}`, {
        hint: `call ${Object.keys(methods).join(' or ')}`,
      })
    }
    const deadline = new Deadline(grpcTimeout(headers['grpc-timeout']), () => clock.monotonic())
    const socket = stream.session!.socket
    const peer = await admission.identify(() => headers.authorization, socket)
    if (stream.destroyed) return
    deadline.check()
    const answer = await admission.hold(
      peer,
      async (lease) => {
        const done = new AbortController()
        const late = new AbortController()
        const isItsOwn = deadline.left < config.timeout
        void clock.sleep(Math.min(config.timeout, deadline.left), done.signal).then(
          () => late.abort(isItsOwn ? exceeded() : tooSlow()),
          () => {},
        )
        try {
          const { compressed, bytes } = await readMessage(stream, admission.maxBody, lease, late.signal)
          if (!compressed) return bytes
          const encoding = contentEncoding(String(headers['grpc-encoding'] ?? ''))
          if (encoding === 'identity') {
            throw new AffiantError(
              'bad_request',
              'the message is marked as compressed, and grpc-encoding does not say how',
            )
          }
          const message = await inflate(bytes, encoding, admission.maxBody, lease)
          lease.give(bytes.length)
          return message
        } finally {
          done.abort()
        }
      },
      (message) => method(message, peer, () => deadline.begin()),
      true,
    )
    if (stream.destroyed) return
    stream.respond(responseHeaders, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(frameMessage(answer))
    metrics.requests.inc({ receiver, status: '0' })
  }

  function refuse(stream: ServerHttp2Stream, thrown: unknown): void {
    const error = asAnswer(thrown)
    if (error.code === 'internal') log.error({ err: thrown }, 'call failed by a defect')
    else log.debug({ code: error.code }, error.message)
    metrics.requests.inc({ receiver, status: String(error.definition.grpc) })
    if (stream.destroyed || stream.headersSent) return
    stream.respond({ ...responseHeaders, ...statusTrailers(error) }, { endStream: true })
    // What is still on its way is not wanted; the answer is sent first.
    stream.close(constants.NGHTTP2_NO_ERROR)
  }
}

const tooSlow = () => new AffiantError('request_timeout', 'the message took too long to arrive')

/** Other requests of HTTP/2 are told what this is. */
function refuseProtocol(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 415, 'content-type': 'text/plain' })
  stream.end('this port speaks gRPC\n')
  stream.close(constants.NGHTTP2_NO_ERROR)
}

const isGrpc = (headers: IncomingHttpHeaders) =>
  headers[':method'] === 'POST' && /^application\/grpc(?:\+proto)?(?:;|$)/.test(headers['content-type'] ?? '')

function open({ tls }: GrpcServerOptions): Http2Server {
  const bounds = { settings: { maxConcurrentStreams, initialWindowSize: streamWindow, maxHeaderListSize } }
  if (tls === undefined) return createServer(bounds)
  return createSecureServer({ ...bounds, ...tlsOptions(tls), handshakeTimeout })
}

const responseHeaders = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,gzip,zstd',
}

/** Calls of one connection at a time. Exporters have one or a few; a collector's queue has tens. */
const maxConcurrentStreams = 128
const maxHeaderListSize = 16 * 1024
/** Bytes on their way that nobody waits for: large enough for 1 Gbit/s at 8 ms. */
const connectionWindow = 1024 * 1024
const streamWindow = 256 * 1024
const handshakeTimeout = 10_000
/** As over HTTP/1.1. A client that comes back later opens another connection by itself. */
const idleConnection = 75_000
