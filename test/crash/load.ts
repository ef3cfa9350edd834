/** What the agent is given while it is killed: numbered lines in a file, numbered OTLP records from a stubborn client. */
import { appendFileSync } from 'node:fs'
import { poison } from './numbered-sink.ts'

/** One in so many lines is refused by the sink for good, where asked for. */
const poisonEvery = 401

export class LineLoad {
  readonly path: string
  readonly #poisoned: boolean
  written = 0

  constructor(path: string, { poisoned = false } = {}) {
    this.path = path
    this.#poisoned = poisoned
    appendFileSync(path, '')
  }

  append(count: number): void {
    let text = ''
    for (let n = this.written; n < this.written + count; n++) text += this.#line(n)
    appendFileSync(this.path, text)
    this.written += count
  }

  isPoisoned = (n: number) => this.#poisoned && n % poisonEvery === poisonEvery - 1

  #line(n: number): string {
    return `${JSON.stringify({
      ts: new Date().toISOString(),
      user: `u_${n % 977}`,
      event: this.isPoisoned(n) ? poison : 'invoice.read',
      invoice: `inv_${n}`,
      result: 'success',
      n,
    })}\n`
  }
}

/** Sends each batch until it is answered with 200, whatever happens in between. */
export class OtlpLoad implements AsyncDisposable {
  /** Records below were acknowledged. */
  acknowledged = 0
  /** Requests that were not: they were sent again. */
  repeated = 0
  readonly #port: number
  readonly #batch: number
  readonly #stop = new AbortController()
  readonly #sending: Promise<void>
  #paused = false

  constructor(port: number, { batch = 25 } = {}) {
    this.#port = port
    this.#batch = batch
    this.#sending = this.#send()
  }

  pause(paused: boolean): void {
    this.#paused = paused
  }

  /** Stops after the batch under way is acknowledged; `acknowledged` is final then. */
  async finish(): Promise<void> {
    this.#stop.abort()
    await this.#sending
  }

  async #send(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#paused) await pause()
      else await this.#sendBatch()
    }
  }

  async #sendBatch(): Promise<void> {
    const body = this.#body()
    for (;;) {
      try {
        const answer = await fetch(`http://127.0.0.1:${this.#port}/v1/logs`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(5000),
        })
        await answer.arrayBuffer()
        if (answer.status === 200) break
      } catch {
        // Refused, reset or too slow: nobody said that it was received.
      }
      this.repeated++
      await pause()
    }
    this.acknowledged += this.#batch
    await pause()
  }

  #body(): string {
    const logRecords = Array.from({ length: this.#batch }, (_, index) => {
      const n = this.acknowledged + index
      return {
        eventName: 'order.read',
        attributes: [
          { key: 'log.record.uid', value: { stringValue: `record-${n}` } },
          { key: 'n', value: { intValue: String(n) } },
        ],
      }
    })
    return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 10))
