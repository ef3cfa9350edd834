/**
 * The control socket of a running agent: `control.sock` in its data directory, mode 0600, so that whoever may write the
 * journal may ask, and nobody else. HTTP: `POST /operations` with a request answers lines of JSON until it is done, and ends
 * it when the connection is closed; `DELETE /operations/<id>` ends it and lets it say how far it came. `POST /drain` does the
 * same for `affiant drain`; `POST /reload` answers one line once the configuration has been read again, `POST /forget` once a
 * sink is forgotten.
 */
import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { AffiantError, asError } from '../errors.ts'
import { http } from '../node-http.ts'
import type { Log } from '../telemetry/log.ts'
import { type ControlAddress, controlAddress, controlPath } from './control-address.ts'
import type { ErrorMessage } from './control-error.ts'
import type { DrainHost } from './drain-asked.ts'
import type { DrainMessage } from './drain-message.ts'
import type { ForgottenMessage } from './forget-sink.ts'
import type { OperationHost, OperationMessage, Requester } from './operation.ts'
import type { Operations } from './operations.ts'
import type { ReloadReport } from './reload-report.ts'

/** A request is a few hundred bytes. */
const largestBody = 16 * 1024

export interface ControlOptions {
  readonly dataDir: string
  readonly host: OperationHost
  readonly drain: DrainHost
  /** Reads the configuration again. Never rejects. */
  readonly reload: (requester: Requester) => Promise<ReloadReport>
  /** @throws AffiantError usage, sink_not_found */
  readonly forget: (sink: string, requester: Requester) => Promise<ForgottenMessage>
  readonly log: Log
}

export class ControlServer implements AsyncDisposable {
  readonly #options: ControlOptions
  readonly #server: Server
  readonly #answering = new Set<Promise<void>>()
  #address: ControlAddress | undefined
  #operations: Promise<Operations> | undefined
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined

  constructor(options: ControlOptions) {
    this.#options = options
    this.#server = http.createServer((request, response) => {
      const answered = this.#answer(request, response)
      this.#answering.add(answered)
      void answered.finally(() => this.#answering.delete(answered))
    })
    this.#server.maxConnections = 16
  }

  /** Only by who holds the data directory's lock. Without a socket, where none can be made, the agent runs all the same. */
  async open(): Promise<void> {
    const { dataDir, log } = this.#options
    try {
      await this.#listen()
    } catch (thrown) {
      log.warn(
        { reason: asError(thrown).message },
        `no control socket at ${controlPath(dataDir)}: affiant reload does not work, and replay and dlq commands need the agent to be stopped`,
      )
    }
  }

  /** Ends what commands do with a sink: they put on record how far they came. */
  async release(sink: string): Promise<void> {
    await (await this.#operations)?.release(sink)
  }

  async #listen(): Promise<void> {
    const { dataDir } = this.#options
    // What a killed agent left: nobody listens there, since the lock is ours.
    rmSync(controlPath(dataDir), { force: true })
    this.#address = controlAddress(dataDir)
    const listening = once(this.#server, 'listening')
    this.#server.listen(this.#address.address)
    // It is bound by now, and nothing is accepted before this turn is over.
    try {
      chmodSync(controlPath(dataDir), 0o600)
    } catch (error) {
      listening.catch(() => undefined)
      if (this.#server.listening) throw error
    }
    await listening
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await (await this.#operations)?.[Symbol.asyncDispose]()
    // Who asked still hears how it ended.
    await Promise.all(this.#answering)
    if (this.#server.listening) {
      const closed = once(this.#server, 'close')
      this.#server.close()
      this.#server.closeAllConnections()
      await closed
      rmSync(controlPath(this.#options.dataDir), { force: true })
    }
    this.#address?.[Symbol.dispose]()
  }

  /** Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('error', () => {})
    response.on('close', () => gone.abort())
    try {
      const id = /^\/operations\/([0-9a-f-]{36})$/.exec(request.url ?? '')?.[1]
      if (request.method === 'DELETE' && id !== undefined) {
        const found = (await this.#operations)?.cancel(id) ?? false
        response.writeHead(found ? 204 : 404).end()
      } else if (request.method === 'POST' && request.url === '/operations') {
        await this.#operate(request, response, gone.signal)
      } else if (request.method === 'POST' && request.url === '/drain') {
        await this.#drain(request, response, AbortSignal.any([gone.signal, this.#closing.signal]))
      } else if (request.method === 'POST' && request.url === '/reload') {
        await this.#reload(request, response)
      } else if (request.method === 'POST' && request.url === '/forget') {
        await this.#forget(request, response)
      } else {
        throw new AffiantError(
          'not_found',
          'there are POST /operations, DELETE /operations/<id>, POST /drain, POST /reload and POST /forget',
        )
      }
    } catch (thrown) {
      this.#refuse(response, thrown)
    }
    if (!response.writableFinished && !response.destroyed)
      await once(response, 'close').catch(() => undefined)
  }

  async #reload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { reloadRequest } = await import('./operation.ts')
    const { requested_by: requester } = await asked(request, reloadRequest)
    const report = await this.#options.reload(requester)
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(`${JSON.stringify(report)}\n`)
  }

  async #forget(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { forgetRequest } = await import('./forget-sink.ts')
    const { sink, requested_by: requester } = await asked(request, forgetRequest)
    const forgotten = await this.#options.forget(sink, requester)
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(`${JSON.stringify(forgotten)}\n`)
  }

  async #operate(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { operationRequest } = await import('./operation.ts')
    const data = await asked(request, operationRequest)
    const tell = teller<OperationMessage>(response)
    const operations = await this.#opened()
    tell(await operations.run(data, tell, signal))
    response.end()
  }

  async #drain(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { drainRequest } = await import('./drain-message.ts')
    const data = await asked(request, drainRequest)
    const tell = teller<DrainMessage>(response)
    const { drainAsked } = await import('./drain-asked.ts')
    tell(await drainAsked(data, this.#options.drain, tell, signal))
    response.end()
  }

  /** Not before somebody asks. */
  #opened(): Promise<Operations> {
    this.#operations ??= import('./operations.ts').then(
      ({ Operations: Opened }) => new Opened(this.#options.host),
    )
    return this.#operations
  }

  #refuse(response: ServerResponse, thrown: unknown): void {
    const known = thrown instanceof AffiantError ? thrown : undefined
    if (known === undefined)
      this.#options.log.error({ err: thrown }, 'a command failed by a defect, or by the disk')
    const error: ErrorMessage = {
      kind: 'error',
      code: known?.code ?? 'internal',
      message: asError(thrown).message,
      hint: known?.hint ?? null,
    }
    if (!response.headersSent) {
      response.writeHead(known?.definition.http ?? 500, { 'content-type': 'application/x-ndjson' })
    }
    response.end(`${JSON.stringify(error)}\n`)
  }
}

function teller<Message extends { readonly kind: string }>(response: ServerResponse) {
  return (message: Message): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    // Who does not read misses some of the progress, and nothing else.
    if (message.kind === 'progress' && response.writableNeedDrain) return
    response.write(`${JSON.stringify(message)}\n`)
  }
}

/** What a request asks for. @throws AffiantError body_too_large, bad_request */
async function asked<T>(request: IncomingMessage, shape: z.ZodType<T>): Promise<T> {
  const { data, error } = shape.safeParse(parse(await bodyOf(request)))
  if (data !== undefined) return data
  throw new AffiantError('bad_request', `this is no request: ${error?.issues[0]?.message ?? ''}`, {
    hint: 'command and agent may be of different versions',
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > largestBody) throw new AffiantError('body_too_large', 'a request has 16 KiB at most')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
