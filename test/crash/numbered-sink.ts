/** A destination on loopback that knows every numbered event by heart: its id, its seqs, how often it came. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** A status, no answer at all, or a connection that is reset. */
export type Mood = number | 'silence' | 'reset'

interface SinkEvent {
  readonly id: string
  readonly action: string
  readonly provenance: { readonly receiver: string }
  readonly unmapped?: { readonly n?: number; readonly attributes?: { readonly n?: number } }
  readonly log: { readonly seq: number }
}

/** What arrived from one receiver. */
export class Arrivals {
  /** By number: id and seq of the first arrival. */
  readonly ids: string[] = []
  readonly #seqs: number[] = []
  distinct = 0
  /** Deliveries of a seq beyond its first. */
  resent = 0
  /** Numbers that came under a second seq: they are in the journal twice. */
  readonly twice = new Set<number>()
  /** Numbers that came under a second id. */
  readonly renamed = new Set<number>()

  add(n: number, id: string, seq: number): void {
    const known = this.ids[n]
    if (known === undefined) {
      this.ids[n] = id
      this.#seqs[n] = seq
      this.distinct++
      return
    }
    if (this.#seqs[n] === seq) this.resent++
    else this.twice.add(n)
    if (known !== id) this.renamed.add(n)
  }

  /** Numbers below `count` that never came. */
  missing(count: number): number[] {
    const missing: number[] = []
    for (let n = 0; n < count; n++) if (this.ids[n] === undefined) missing.push(n)
    return missing
  }
}

export const numberOf = ({ unmapped }: Pick<SinkEvent, 'unmapped'>): number | undefined =>
  unmapped?.n ?? unmapped?.attributes?.n

/** Requests with such an event are refused for good. */
export const poison = 'poison.read'

export class NumberedSink implements AsyncDisposable {
  mood: Mood = 204
  /** Events answered with success, own ones left out. */
  events = 0
  /** By receiver. */
  readonly #arrivals = new Map<string, Arrivals>()
  /** How often each kind of own event came. */
  readonly own = new Map<string, number>()
  /** Of the last time that it listened. */
  #port = 0
  readonly #silent = new Set<ServerResponse>()
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('error', () => {})
    request.on('end', () => this.#answer(Buffer.concat(parts).toString(), response))
  })

  static async open(): Promise<NumberedSink> {
    const sink = new NumberedSink()
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server, 'listening')
    return sink
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  from(receiver: string): Arrivals {
    let arrivals = this.#arrivals.get(receiver)
    if (!arrivals) {
      arrivals = new Arrivals()
      this.#arrivals.set(receiver, arrivals)
    }
    return arrivals
  }

  /** Another mood. Who still waits for an answer is let go; while it refuses, nobody listens. */
  async turn(mood: Mood | 'refuse'): Promise<void> {
    for (const response of this.#silent) response.destroy()
    this.#silent.clear()
    if (mood === 'refuse') {
      this.#port = this.port
      await this.#close()
      return
    }
    this.mood = mood
    if (this.#server.listening) return
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  #answer(body: string, response: ServerResponse): void {
    const { mood } = this
    if (mood === 'silence') {
      this.#silent.add(response)
      return
    }
    if (mood === 'reset') {
      response.socket?.resetAndDestroy()
      return
    }
    const events = body
      .split('\n')
      .filter((line) => line !== '')
      .map((line): SinkEvent => JSON.parse(line))
    const status = mood < 300 && events.some(({ action }) => action === poison) ? 422 : mood
    if (status < 300) for (const event of events) this.#take(event)
    response.writeHead(status).end()
  }

  #take(event: SinkEvent): void {
    if (event.action.startsWith('affiant.')) {
      this.own.set(event.action, (this.own.get(event.action) ?? 0) + 1)
      return
    }
    this.events++
    const n = numberOf(event)
    if (n !== undefined) this.from(event.provenance.receiver).add(n, event.id, event.log.seq)
  }

  async #close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}
