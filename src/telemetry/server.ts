/**
 * The `telemetry` listener: GET /healthz, /readyz, /metrics, and reports that the agent adds. Liveness only says that
 * the process answers: an agent that waits for a full disk or a dead destination is healthy, and restarting it would
 * help nobody. Readiness says why not.
 *
 * Node's own server: for a few paths without bodies a framework would be a seventh of what starting costs.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address } from '../config/values.ts'
import { AffiantError, asError, systemCode } from '../errors.ts'
import { http } from '../node-http.ts'
import { version } from '../version.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { problem, problemType } from './problem.ts'

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
  const routes = routesOf(options)
  const server = http.createServer(
    // No request has a body, and a probe that hangs must not pin a socket.
    { requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 75_000 },
    (request, response) => {
      void answerTo(request, routes, log).then((answer) => send(response, request, answer))
    },
  )
  server.maxConnections = 128
  let address = show(listen)
  let stopped: Promise<unknown> | undefined
  return {
    async start() {
      try {
        const { host, port } = listen
        // Every address, of both families: without a host Node takes 0.0.0.0 where the system has no IPv6 at all.
        server.listen(host === '::' ? { port } : { host, port })
        await once(server, 'listening')
      } catch (thrown) {
        throw listenError(listen, thrown)
      }
      const bound = server.address()
      if (typeof bound === 'object' && bound !== null) address = show({ host: listen.host, port: bound.port })
      log.debug({ address }, 'telemetry listens')
    },
    async stop() {
      if (!server.listening) return stopped?.then(() => {})
      // Connections that ask nothing are closed with it.
      stopped = new Promise((resolve) => server.close(resolve))
      await stopped
    },
    get address() {
      return address
    },
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  /** Methods that are taken here; where another one was used. */
  readonly allow?: string
}

type Routes = ReadonlyMap<string, () => Answer | Promise<Answer>>

const json = (body: object, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

const refusal = (error: AffiantError, status: number): Answer => ({
  status,
  type: problemType,
  body: problem(error, status),
})

function routesOf({ metrics, readiness, beforeScrape, reports = {} }: TelemetryServerOptions): Routes {
  return new Map<string, () => Answer | Promise<Answer>>([
    ['/healthz', () => json({ status: 'ok', version, uptime_seconds: Math.floor(process.uptime()) })],
    [
      '/readyz',
      () => {
        const report = readiness()
        return json(report, report.ready ? 200 : 503)
      },
    ],
    [
      '/metrics',
      async () => {
        await beforeScrape?.()
        const { registry } = metrics
        return { status: 200, type: registry.contentType, body: await registry.metrics() }
      },
    ],
    ...Object.entries(reports).map(([path, report]): [string, () => Promise<Answer>] => [
      path,
      async () => json(await report()),
    ]),
  ])
}

/** Never rejects. */
async function answerTo({ url = '', method }: IncomingMessage, routes: Routes, log: Log): Promise<Answer> {
  const path = pathOf(url)
  if (path === undefined) {
    const message = 'the path is none of a URL: behind each % belong two hex digits'
    return refusal(new AffiantError('bad_request', message), 400)
  }
  const route = routes.get(path)
  if (!route) {
    const hint = `there are ${[...routes.keys()].join(', ')}`
    return refusal(new AffiantError('not_found', 'there is nothing at this path', { hint }), 404)
  }
  if (method !== 'GET' && method !== 'HEAD') {
    const error = new AffiantError('method_not_allowed', `${path} takes GET, not ${method}`)
    return { ...refusal(error, 405), allow: 'GET, HEAD' }
  }
  try {
    return await route()
  } catch (thrown) {
    log.error({ err: thrown, path }, 'telemetry request failed by a defect')
    return refusal(new AffiantError('internal', 'the request failed by a defect'), 500)
  }
}

/** Without its query; undefined where it is none. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '')
  } catch {
    return undefined
  }
}

function send(
  response: ServerResponse,
  { method }: IncomingMessage,
  { status, type, body, allow }: Answer,
): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.byteLength,
    'cache-control': 'no-store',
    ...(allow && { allow }),
  })
  response.end(method === 'HEAD' ? undefined : bytes)
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
