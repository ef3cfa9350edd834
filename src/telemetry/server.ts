/**
 * The `telemetry` listener: GET /healthz, /readyz, /metrics, and reports that the agent adds. Liveness only says that
 * the process answers: an agent that waits for a full disk or a dead destination is healthy, and restarting it would
 * help nobody. Readiness says why not.
 */
import { type FastifyError, type FastifyInstance, fastify } from 'fastify'
import type { Address } from '../config/values.ts'
import { AffiantError, asError, systemCode } from '../errors.ts'
import { version } from '../version.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { sendProblem } from './problem.ts'

export interface TelemetryServerOptions {
  readonly listen: Address
  readonly metrics: Metrics
  /** Answered as it is. */
  readonly readiness: () => { readonly ready: boolean }
  /** Brings gauges up to date that are cheaper to read than to keep. */
  readonly beforeScrape?: () => void | Promise<void>
  /** More to read, by path: what is answered as JSON. */
  readonly reports?: Readonly<Record<string, () => Promise<object>>>
  readonly log: Log
}

export interface TelemetryServer {
  /** Rejects with `address_in_use`, or `config_invalid` for an address that is not ours. */
  start(): Promise<void>
  /** Idempotent; lets answers that are under way finish. */
  stop(): Promise<void>
  /** `host:port` as bound: what port 0 became, once started. */
  readonly address: string
}

export function createTelemetryServer(options: TelemetryServerOptions): TelemetryServer {
  const { listen, log } = options
  const app = createApp(options)
  let address = show(listen)
  return {
    async start() {
      try {
        await app.listen({ host: listen.host, port: listen.port })
      } catch (thrown) {
        throw listenError(listen, thrown)
      }
      const bound = app.server.address()
      if (typeof bound === 'object' && bound !== null) address = show({ host: listen.host, port: bound.port })
      log.debug({ address }, 'telemetry listens')
    },
    async stop() {
      await app.close()
    },
    get address() {
      return address
    },
  }
}

const jsonType = 'application/json'
function createApp({
  metrics,
  readiness,
  beforeScrape,
  reports = {},
  log,
}: TelemetryServerOptions): FastifyInstance {
  const paths = ['/healthz', '/readyz', '/metrics', ...Object.keys(reports)]
  const app = fastify({
    // No request has a body, and a probe that hangs must not pin a socket.
    bodyLimit: 1024,
    requestTimeout: 10_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (thrown, _request, reply) => {
      sendProblem(reply, new AffiantError('bad_request', thrown.message), thrown.statusCode ?? 400)
    },
  })
  app.server.maxConnections = 128
  // Bodies are never read: what comes with a POST is refused by its method, not by its content type.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get('/healthz', async (_request, reply) =>
    reply
      .type(jsonType)
      .send(JSON.stringify({ status: 'ok', version, uptime_seconds: Math.floor(process.uptime()) })),
  )
  app.get('/readyz', async (_request, reply) => {
    const report = readiness()
    return reply
      .code(report.ready ? 200 : 503)
      .type(jsonType)
      .send(JSON.stringify(report))
  })
  app.get('/metrics', async (_request, reply) => {
    await beforeScrape?.()
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })

  for (const [path, report] of Object.entries(reports)) {
    app.get(path, async (_request, reply) => reply.type(jsonType).send(JSON.stringify(await report())))
  }

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    if (!paths.includes(path)) {
      const hint = `there are ${paths.join(', ')}`
      return sendProblem(reply, new AffiantError('not_found', 'there is nothing at this path', { hint }), 404)
    }
    reply.header('allow', 'GET, HEAD')
    const problem = new AffiantError('method_not_allowed', `${path} takes GET, not ${request.method}`)
    return sendProblem(reply, problem, 405)
  })
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const status = thrown.statusCode ?? 500
    if (status >= 400 && status < 500) {
      return sendProblem(reply, new AffiantError('bad_request', thrown.message), status)
    }
    log.error({ err: thrown, path: request.url }, 'telemetry request failed by a defect')
    return sendProblem(reply, new AffiantError('internal', 'the request failed by a defect'), 500)
  })
  return app
}

const show = ({ host, port }: Address) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

function listenError(listen: Address, thrown: unknown): AffiantError {
  const where = show(listen)
  if (systemCode(thrown) === 'EADDRINUSE') {
    return new AffiantError('address_in_use', `telemetry: another process listens on ${where}`, {
      hint: 'stop it (ss -ltnp shows who it is), or change telemetry.listen',
      cause: thrown,
    })
  }
  return new AffiantError('config_invalid', `telemetry: ${where}: ${asError(thrown).message}`, {
    hint: 'check telemetry.listen',
    cause: thrown,
  })
}
