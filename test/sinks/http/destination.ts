/** A real HTTP server on the loopback that keeps what it accepts. */
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { httpSinkConfig } from '../../../src/sinks/http/config.ts'
import { createHttpSink } from '../../../src/sinks/http/index.ts'
import type { Sink } from '../../../src/sinks/sink.ts'

export interface Request {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export class HttpDestination {
  readonly requests: Request[] = []
  readonly url: string
  connections = 0
  answer: Answer
  readonly #server: Server

  constructor(server: Server, url: string, answer: Answer) {
    this.#server = server
    this.url = url
    this.answer = answer
    server.on('connection', () => this.connections++)
  }

  /** Reads the request and keeps it, then answers. */
  async accept(request: IncomingMessage, response: ServerResponse, status = 200): Promise<void> {
    const body = await readBody(request)
    this.requests.push({ method: request.method!, url: request.url!, headers: request.headers, body })
    response.writeHead(status).end('ok')
  }

  /** The lines of all bodies that were kept. */
  lines(): string[] {
    return this.requests.flatMap(({ headers, body }) => {
      const plain = decoded(body, headers['content-encoding'])
      if (headers['content-type'] === 'application/json') {
        return (JSON.parse(plain.toString()) as unknown[]).map((event) => JSON.stringify(event))
      }
      return plain.toString().split('\n').slice(0, -1)
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined) return body
  return encoding === 'zstd' ? zstdDecompressSync(body) : gunzipSync(body)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export async function openHttpDestination(tls?: ServerOptions): Promise<HttpDestination> {
  let destination: HttpDestination | undefined
  const listener: RequestListener = (request, response) => {
    // A client that went away is what some of the tests are about.
    Promise.resolve(destination?.answer(request, response)).catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/audit?tenant=acme`
  destination = new HttpDestination(server, url, (request, response) =>
    destination!.accept(request, response),
  )
  return destination
}

export function httpSink(config: Record<string, unknown>): Sink {
  return createHttpSink({
    name: 'hook',
    config: httpSinkConfig.parse({ type: 'http', ...config }),
    clock: systemClock,
  })
}

/** Both ends, closed with the test. */
export async function connected(config: Record<string, unknown> = {}, tls?: ServerOptions) {
  const destination = await openHttpDestination(tls)
  const sink = httpSink({ url: destination.url, ...config })
  onTestFinished(async () => {
    await sink.stop()
    await destination.close()
  })
  await sink.start()
  return { destination, sink }
}
