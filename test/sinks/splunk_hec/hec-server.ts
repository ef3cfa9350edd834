/** A strict HTTP Event Collector on loopback: it refuses what Splunk refuses, and keeps what it would index. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface Indexed {
  readonly line: string
  readonly time: string
  readonly token: string
  readonly meta: Readonly<Record<string, unknown>>
}

/** What becomes of acknowledgements. */
export type AckMood = 'prompt' | 'late' | 'never' | 'lost_id' | 'unreadable' | 'forgotten'

export type HecAnswer = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export class HecServer implements AsyncDisposable {
  readonly indexed: Indexed[] = []
  readonly tokens = new Map<string, { readonly disabled?: boolean }>([['secret-token', {}]])
  readonly indexes = new Set(['main', 'team_a', 'team_b'])
  acknowledges = false
  ackMood: AckMood = 'prompt'
  healthy = true
  requests = 0
  healthChecks = 0
  readonly channels = new Set<string>()
  /** Events with this text in them are malformed, as far as this server is concerned. */
  poison: string | undefined
  /** Answers in the server's place where it returns true. */
  before: HecAnswer = () => false
  readonly #server: Server
  readonly #acks = new Map<string, boolean[]>()

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  static async open(port = 0): Promise<HecServer> {
    const hec = new HecServer()
    hec.#server.listen(port, '127.0.0.1')
    await once(hec.#server, 'listening')
    return hec
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get lines(): string[] {
    return this.indexed.map(({ line }) => line)
  }

  /** What was late is acknowledged now. */
  acknowledgeAll(): void {
    for (const acks of this.#acks.values()) acks.fill(true)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url)
    const say = (status: number, code: number, text: string, more = {}) => {
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ text, code, ...more }))
    }
    if (url.pathname === '/services/collector/health') {
      this.healthChecks++
      return this.healthy ? say(200, 17, 'HEC is healthy') : say(503, 18, 'HEC is unhealthy, queues are full')
    }
    if (url.pathname !== '/services/collector/ack') this.requests++
    if (await this.before(request, response)) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const raw = Buffer.concat(chunks)
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()

    const { authorization } = request.headers
    if (authorization === undefined) return say(401, 2, 'Token is required')
    const token = /^Splunk (\S+)$/.exec(authorization)?.[1]
    if (token === undefined) return say(401, 3, 'Invalid authorization')
    const known = this.tokens.get(token)
    if (known === undefined) return say(403, 4, 'Invalid token')
    if (known.disabled) return say(403, 1, 'Token disabled')
    const channel = request.headers['x-splunk-request-channel'] ?? url.searchParams.get('channel')
    if (this.acknowledges && typeof channel !== 'string') return say(400, 10, 'Data channel is missing')
    if (typeof channel === 'string' && !uuid.test(channel)) return say(400, 11, 'Invalid data channel')
    if (typeof channel === 'string') this.channels.add(channel)

    if (url.pathname === '/services/collector/ack') {
      if (!this.acknowledges) return say(400, 14, 'ACK is disabled')
      return this.#answerAcks(String(channel), body, response)
    }
    if (body.trim() === '') return say(400, 5, 'No data')
    if (url.pathname === '/services/collector/raw') {
      const meta = Object.fromEntries(url.searchParams)
      if (meta.index !== undefined && !this.indexes.has(meta.index)) return say(400, 7, 'Incorrect index')
      for (const line of body.split('\n').filter(Boolean)) this.indexed.push({ line, time: '', token, meta })
    } else if (url.pathname === '/services/collector/event') {
      const fault = this.#index(body, token)
      if (fault !== undefined) return say(400, fault.code, fault.text, { 'invalid-event-number': fault.at })
    } else {
      response.writeHead(404).end()
      return
    }
    if (!this.acknowledges) return say(200, 0, 'Success')
    const acks = this.#acks.get(String(channel)) ?? []
    this.#acks.set(String(channel), acks)
    acks.push(this.ackMood === 'prompt' || this.ackMood === 'unreadable')
    return say(200, 0, 'Success', this.ackMood === 'lost_id' ? {} : { ackId: acks.length - 1 })
  }

  #answerAcks(channel: string, body: string, response: ServerResponse): void {
    const { acks } = JSON.parse(body) as { acks: number[] }
    const known = this.#acks.get(channel) ?? []
    if (this.ackMood === 'unreadable') {
      response.writeHead(200).end('<html>proxy</html>')
      return
    }
    const answer = Object.fromEntries(
      acks.map((id) => [id, this.ackMood !== 'forgotten' && this.ackMood !== 'never' && known[id] === true]),
    )
    response.writeHead(200).end(JSON.stringify({ acks: answer }))
  }

  /** Takes events up to the first that is none; everything before it is in. */
  #index(body: string, token: string): { code: number; text: string; at: number } | undefined {
    const lines = body.split('\n').filter(Boolean)
    const parsed: (Record<string, unknown> | undefined)[] = lines.map((line) => {
      try {
        return JSON.parse(line) as Record<string, unknown>
      } catch {
        return undefined
      }
    })
    // The index is looked at before anything is taken.
    const wrong = parsed.findIndex(
      (each) => each?.index !== undefined && !this.indexes.has(String(each.index)),
    )
    if (wrong >= 0) return { code: 7, text: 'Incorrect index', at: wrong }
    for (const [at, envelope] of parsed.entries()) {
      if (envelope === undefined) return { code: 6, text: 'Invalid data format', at }
      const { event, time, fields, ...meta } = envelope
      if (event === undefined) return { code: 12, text: 'Event field is required', at }
      if (event === '') return { code: 13, text: 'Event field cannot be blank', at }
      if (fields !== undefined && Object.values(Object(fields)).some((value) => typeof value === 'object')) {
        return { code: 15, text: 'Error in handling indexed fields', at }
      }
      if (this.poison !== undefined && lines[at]!.includes(this.poison)) {
        return { code: 6, text: 'Invalid data format', at }
      }
      // The event as it stood in the envelope, byte for byte.
      const text = lines[at]!
      const line = text.slice(text.indexOf('"event":') + '"event":'.length, -1)
      const written = /"time":([\d.]+)/.exec(text)?.[1] ?? ''
      this.indexed.push({
        line,
        time: written,
        token,
        meta: { ...meta, ...(fields !== undefined && { fields }) },
      })
    }
    return undefined
  }
}
