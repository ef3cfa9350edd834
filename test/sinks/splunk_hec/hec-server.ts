/** A strict HTTP Event Collector on loopback: it refuses what Splunk refuses, and keeps what it would index. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type AckMood, HecAcks } from './hec-acks.ts'
import { type HecCode, hecCodes } from './hec-codes.ts'
import { type Envelope, readEnvelope } from './hec-envelope.ts'

export interface Indexed extends Envelope {
  readonly token: string
}

export type HecAnswer = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

type Say = (code: HecCode, more?: object) => void

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const base = '/services/collector'

export class HecServer implements AsyncDisposable {
  readonly indexed: Indexed[] = []
  /** `indexes`: those that it may write to; all by default. */
  readonly tokens = new Map<string, { readonly disabled?: boolean; readonly indexes?: ReadonlySet<string> }>([
    ['secret-token', {}],
  ])
  readonly indexes = new Set(['main', 'team_a', 'team_b'])
  acknowledges = false
  readonly acks = new HecAcks()
  healthy = true
  /** Answers every request with events; with a success they are taken. */
  provoked: HecCode | undefined
  /** Requests with events. */
  requests = 0
  healthChecks = 0
  readonly channels = new Set<string>()
  /** Events with this text in them are malformed, as far as this server is concerned. */
  poison: string | undefined
  /** Answers in the server's place where it returns true. */
  before: HecAnswer = () => false
  readonly #server: Server

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

  set ackMood(mood: AckMood) {
    this.acks.mood = mood
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url)
    const say: Say = (code, more = {}) => {
      const [status, text] = hecCodes[code]
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ text, code, ...more }))
    }
    if (request.method === 'GET' && url.pathname === `${base}/health`) {
      this.healthChecks++
      return say(this.healthy ? 17 : 18)
    }
    const path = url.pathname.slice(base.length)
    if (!url.pathname.startsWith(base) || !['/event', '/raw', '/ack'].includes(path)) {
      return void response.writeHead(404).end()
    }
    if (request.method !== 'POST') return void response.writeHead(405).end()
    if (path !== '/ack') this.requests++
    if (await this.before(request, response)) return
    const body = await readBody(request)
    if (body === undefined) return void response.writeHead(415).end()

    const token = this.#token(request.headers.authorization)
    if (typeof token === 'number') return say(token)
    const channel = request.headers['x-splunk-request-channel'] ?? url.searchParams.get('channel') ?? ''
    if (typeof channel !== 'string' || (channel !== '' && !uuid.test(channel))) return say(11)
    if (channel === '' && (this.acknowledges || path !== '/event')) return say(10)
    if (channel !== '') this.channels.add(channel)
    if (path === '/ack') {
      return this.acknowledges ? this.#answerAcks(channel, body, response) : say(14)
    }
    const success = this.provoked === undefined ? 0 : this.provoked
    if (hecCodes[success][0] !== 200) return say(success)
    if (body.trim() === '') return say(5)
    const meta = Object.fromEntries([...url.searchParams].filter(([name]) => name !== 'channel'))
    const fault = path === '/raw' ? this.#takeRaw(body, token, meta) : this.#takeEvents(body, token)
    if (fault !== undefined) return say(fault.code, { 'invalid-event-number': fault.at })
    say(success, this.acknowledges ? { ackId: this.acks.next(channel) } : {})
  }

  #token(authorization: string | undefined): string | HecCode {
    if (authorization === undefined) return 2
    const token = /^Splunk (\S+)$/.exec(authorization)?.[1]
    if (token === undefined) return 3
    const known = this.tokens.get(token)
    if (known === undefined) return 4
    return known.disabled ? 1 : token
  }

  #answerAcks(channel: string, body: string, response: ServerResponse): void {
    const { acks } = JSON.parse(body) as { acks: number[] }
    const answer = JSON.stringify({ acks: this.acks.answer(channel, acks) })
    switch (this.acks.mood) {
      case 'unreadable':
        response.writeHead(200).end('<html>proxy</html>')
        break
      case 'busy':
        response.writeHead(503).end(JSON.stringify({ text: hecCodes[9][1], code: 9 }))
        break
      case 'cut':
        response.destroy()
        break
      default:
        response.writeHead(200).end(answer)
    }
  }

  #mayWrite(token: string, index: unknown): boolean {
    if (index === undefined) return true
    const { indexes = this.indexes } = this.tokens.get(token)!
    return typeof index === 'string' && this.indexes.has(index) && indexes.has(index)
  }

  #takeRaw(body: string, token: string, meta: Record<string, string>) {
    if (!this.#mayWrite(token, meta.index)) return { code: 7, at: 0 } as const
    for (const line of body.split('\n').filter(Boolean)) this.indexed.push({ line, time: '', token, meta })
    return undefined
  }

  /** Takes events up to the first that is none; everything before it is in. */
  #takeEvents(body: string, token: string): { readonly code: HecCode; readonly at: number } | undefined {
    for (const [at, text] of body.split('\n').filter(Boolean).entries()) {
      const envelope = readEnvelope(text)
      if (typeof envelope === 'number') return { code: envelope, at }
      if (!this.#mayWrite(token, envelope.meta.index)) return { code: 7, at }
      if (this.poison !== undefined && text.includes(this.poison)) return { code: 6, at }
      this.indexed.push({ ...envelope, token })
    }
    return undefined
  }
}

/** Undefined where it is encoded in a way that Splunk does not know. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  switch (request.headers['content-encoding']) {
    case undefined:
      return bytes.toString()
    case 'gzip':
      return gunzipSync(bytes).toString()
    default:
      return undefined
  }
}
