/** A TCP proxy on loopback that misbehaves on request, in front of a real server. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Fault =
  | { readonly kind: 'none' }
  /** Each chunk waits so long. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Bytes a second, each way. */
  | { readonly kind: 'throttle'; readonly rate: number }
  /** The connection ends after so many bytes of the request, or of the answer; only with this method where one is said. */
  | {
      readonly kind: 'cut'
      readonly after: number
      readonly way: 'request' | 'answer'
      readonly method?: string
    }
  /** Reset as soon as it is made, or with the first byte. */
  | { readonly kind: 'reset'; readonly when: 'connect' | 'data' }
  /** Takes everything, passes nothing on, says nothing. */
  | { readonly kind: 'black_hole' }
  /** Passes the request on and keeps the answer to itself. */
  | { readonly kind: 'swallow_answer' }
  | { readonly kind: 'garbage' }
  /** Nobody listens. */
  | { readonly kind: 'refuse' }

const garbage = Buffer.from('\u0000\u0001SSH-2.0-nothing of what you expected\r\n\r\n'.repeat(3))

export class FaultProxy implements AsyncDisposable {
  /** Connections that ended while bytes of a request had reached the server and its answer had not come back whole. */
  lostAnswers = 0
  connections = 0
  readonly #target: () => number
  readonly #pairs = new Set<Pair>()
  #fault: Fault = { kind: 'none' }
  #server: Server
  #port = 0

  private constructor(target: () => number) {
    this.#target = target
    this.#server = this.#create()
  }

  /** `target`: the server's port on loopback, asked for with each connection. */
  static async open(target: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    await proxy.#listen()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** Of connections from now on; those that are open get it too, with their next bytes, unless it is for `newOnly`. */
  async become(fault: Fault, { newOnly = false } = {}): Promise<void> {
    const before = this.#fault
    this.#fault = fault
    if (!newOnly) for (const pair of this.#pairs) pair.become(fault)
    if (fault.kind === 'refuse' && before.kind !== 'refuse') await this.#close()
    if (fault.kind !== 'refuse' && before.kind === 'refuse') {
      this.#server = this.#create()
      await this.#listen()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }

  #create(): Server {
    return createServer((client) => {
      this.connections++
      const pair = new Pair(client, this.#target(), this.#fault, (ended) => {
        this.#pairs.delete(ended)
        if (ended.unanswered) this.lostAnswers++
      })
      this.#pairs.add(pair)
      pair.begin()
    })
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async #close(): Promise<void> {
    for (const pair of this.#pairs) pair.end()
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

/** One connection, both halves of it. */
class Pair {
  /** The server has bytes that it has not answered since. */
  unanswered = false
  readonly #client: Socket
  readonly #server: Socket
  #fault: Fault
  #passed = { request: 0, answer: 0 }
  /** Of the latest request, as far as HTTP/1 says it. */
  #method = ''
  #over = false
  readonly #ended: (pair: Pair) => void

  constructor(client: Socket, port: number, fault: Fault, ended: (pair: Pair) => void) {
    this.#client = client
    this.#fault = fault
    this.#ended = ended
    this.#server = connect(port, '127.0.0.1')
    for (const [from, to, way] of [
      [client, this.#server, 'request'],
      [this.#server, client, 'answer'],
    ] as const) {
      from.on('data', (chunk) => void this.#pass(from, to, way, chunk))
      from.on('end', () => to.end())
      from.on('error', () => this.end())
      from.on('close', () => this.end())
    }
  }

  begin(): void {
    if (this.#fault.kind === 'reset' && this.#fault.when === 'connect') this.#reset()
  }

  become(fault: Fault): void {
    this.#fault = fault
    this.#passed = { request: 0, answer: 0 }
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#client.destroy()
    this.#server.destroy()
    this.#ended(this)
  }

  #reset(): void {
    this.#client.resetAndDestroy()
    this.end()
  }

  async #pass(from: Socket, to: Socket, way: 'request' | 'answer', chunk: Buffer): Promise<void> {
    const fault = this.#fault
    let bytes = chunk
    if (way === 'request')
      this.#method = /^([A-Z]+) \//.exec(chunk.toString('latin1', 0, 16))?.[1] ?? this.#method
    switch (fault.kind) {
      case 'reset':
        this.#reset()
        return
      case 'black_hole':
        return
      case 'garbage':
        if (way === 'request') this.#client.write(garbage)
        return
      case 'swallow_answer':
        if (way === 'answer') return
        break
      case 'delay':
        from.pause()
        await new Promise((resolve) => setTimeout(resolve, fault.milliseconds))
        from.resume()
        break
      case 'throttle':
        from.pause()
        await new Promise((resolve) => setTimeout(resolve, (chunk.length / fault.rate) * 1000))
        from.resume()
        break
      case 'cut':
        if (way !== fault.way || (fault.method ?? this.#method) !== this.#method) break
        bytes = chunk.subarray(0, Math.max(0, fault.after - this.#passed[way]))
        break
    }
    if (this.#over) return
    this.#passed[way] += chunk.length
    if (bytes.length > 0) {
      // A cut or kept answer is not one.
      this.unanswered = way === 'request' || bytes.length < chunk.length
      to.write(bytes)
    }
    if (bytes.length < chunk.length) setImmediate(() => this.end())
  }
}
