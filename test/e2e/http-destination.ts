/** A destination on loopback that says what it is told to say, and keeps what it has accepted. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { OutputEvent } from '../../src/event/audit-event.ts'

/** A status, or no answer at all. */
type Answer = number | 'silence'

export interface Delivered {
  readonly event: OutputEvent
  /** As it came. */
  readonly line: string
}

export class HttpDestination implements AsyncDisposable {
  /** What the next requests hear. */
  answer: Answer = 204
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly events: number }[] = []
  /** Everything that was answered with 2xx, in order. */
  readonly delivered: Delivered[] = []
  /** Called with the events of each request before it is answered. */
  inspect: (events: readonly Delivered[]) => Promise<void> | void = () => {}
  /** What `inspect` threw. */
  readonly faults: unknown[] = []
  readonly #waiting: ServerResponse[] = []
  /** What `events` was made from: it is polled. */
  #seen: { readonly count: number; readonly events: readonly OutputEvent[] } = { count: 0, events: [] }
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
      const isArray = request.headers['content-type']?.startsWith('application/json') === true
      void this.#receive(request.headers, plain.toString(), isArray, response)
    })
  })

  static async open(): Promise<HttpDestination> {
    const destination = new HttpDestination()
    destination.#server.listen(0, '127.0.0.1')
    await once(destination.#server, 'listening')
    return destination
  }

  get url(): string {
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null) throw new Error('not listening')
    return `http://127.0.0.1:${address.port}/audit`
  }

  /** How often each id was accepted; own events included. */
  get timesById(): Map<string, number> {
    const times = new Map<string, number>()
    for (const { event } of this.delivered) times.set(event.id, (times.get(event.id) ?? 0) + 1)
    return times
  }

  /** The accepted events of receivers, each id once, without the agent's own. */
  get events(): readonly OutputEvent[] {
    const count = this.delivered.length
    if (this.#seen.count !== count) {
      const byId = new Map(this.delivered.map(({ event }) => [event.id, event]))
      const events = [...byId.values()].filter(({ action }) => !action.startsWith('affiant.'))
      this.#seen = { count, events }
    }
    return this.#seen.events
  }

  /** Requests that wait for an answer. */
  get silent(): number {
    return this.#waiting.length
  }

  async #receive(headers: IncomingHttpHeaders, text: string, isArray: boolean, response: ServerResponse) {
    const lines = isArray
      ? JSON.parse(text).map((event: unknown) => JSON.stringify(event))
      : text.split('\n').filter((line) => line !== '')
    const events = lines.map((line: string): Delivered => ({ event: JSON.parse(line), line }))
    this.requests.push({ headers, events: events.length })
    try {
      await this.inspect(events)
    } catch (fault) {
      this.faults.push(fault)
    }
    const { answer } = this
    if (answer === 'silence') {
      this.#waiting.push(response)
      return
    }
    if (answer < 300) this.delivered.push(...events)
    response.writeHead(answer).end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
