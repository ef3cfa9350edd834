/**
 * Indexer acknowledgement: who waits for which id on one channel of one endpoint with one token. All ids that are waited
 * for are asked about in one request. Splunk says `false` both of what is under way and of ids that it does not know
 * (any more): only time tells them apart.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { asError } from '../../errors.ts'
import { parseObject } from './classify.ts'
import { DenseIds } from './dense-ids.ts'

/** Ids asked about in one request, at most. */
const MOST_ASKED = 1_000

export interface AckOptions {
  /** Milliseconds. */
  readonly interval: number
  readonly timeout: number
  /** Asks Splunk; resolves with the status and body of its answer. Rejects where there is none. */
  readonly ask: (ids: readonly number[], signal: AbortSignal) => Promise<{ status: number; text: string }>
  /** Those that are waited on: an endpoint closes them with itself. */
  readonly running: Set<Acks>
}

interface Waiter {
  readonly id: number
  /** With the reason why it is not acknowledged; undefined when it is. */
  readonly resolve: (reason: string | undefined) => void
}

export class Acks {
  readonly #options: AckOptions
  readonly #ids = new DenseIds()
  readonly #waiting = new Set<Waiter>()
  #polling: Promise<void> | undefined
  readonly #stop = new AbortController()
  /** Why Splunk could not be asked last, for the reason of a batch that comes again. */
  #lastFault: string | undefined

  constructor(options: AckOptions) {
    this.#options = options
  }

  /** Undefined once `id` is acknowledged; else the reason why it is not. Rejects with the signal's reason. */
  async wait(id: number, signal: AbortSignal): Promise<string | undefined> {
    if (!this.#ids.take(id)) {
      // Who counts from the beginning again has forgotten the rest: its `true` may be about another batch.
      const reason = `acknowledgement id ${id} came twice: Splunk was started anew`
      for (const { resolve } of this.#waiting) resolve(reason)
      return reason
    }
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
    const waiter = { id, resolve }
    const expiry = setTimeout(() => {
      const fault = this.#lastFault === undefined ? '' : `: ${this.#lastFault}`
      resolve(`not acknowledged within ${this.#options.timeout} ms${fault}`)
    }, this.#options.timeout)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    this.#waiting.add(waiter)
    this.#options.running.add(this)
    this.#polling ??= this.#poll()
    try {
      return await promise
    } finally {
      clearTimeout(expiry)
      signal.removeEventListener('abort', abort)
      this.#waiting.delete(waiter)
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    for (const { resolve } of this.#waiting) resolve('the sink stops')
    await this.#polling
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop
    try {
      while (this.#waiting.size > 0 && !signal.aborted) {
        try {
          await this.#round()
        } catch (thrown) {
          this.#lastFault = asError(thrown).message
        }
        if (this.#waiting.size === 0) return
        await delay(this.#options.interval, undefined, { signal }).catch(() => undefined)
      }
    } finally {
      // At once: who comes to wait from here on begins anew.
      this.#polling = undefined
      this.#options.running.delete(this)
    }
  }

  async #round(): Promise<void> {
    const asked = [...this.#waiting].slice(0, MOST_ASKED)
    const { status, text } = await this.#options.ask(
      asked.map(({ id }) => id),
      this.#stop.signal,
    )
    const acks = parseObject(text)?.acks
    if (status !== 200 || typeof acks !== 'object' || acks === null) {
      this.#lastFault = `HTTP ${status}, and no list of acknowledgements`
      return
    }
    this.#lastFault = undefined
    const said = acks as Readonly<Record<string, unknown>>
    for (const waiter of asked) {
      // Nothing but `true` is an acknowledgement.
      if (said[String(waiter.id)] !== true) continue
      this.#waiting.delete(waiter)
      waiter.resolve(undefined)
    }
    // Who was not asked about goes first the next time.
    for (const waiter of asked) if (this.#waiting.delete(waiter)) this.#waiting.add(waiter)
  }
}
