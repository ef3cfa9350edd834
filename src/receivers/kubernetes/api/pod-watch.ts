/**
 * The pods of one node, as an API server knows them: all of them once, then every change.
 *
 * Invariants: what is handed on is complete up to the last resource version, since a watch goes on where the one before
 * ended, over disconnects too; where that is not possible any more (410 Gone) everything is listed again. Nothing here
 * holds more than one object, and the next is read once the one before was taken.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import type { Clock } from '../../../clock.ts'
import { asError } from '../../../errors.ts'
import { ApiFault, faultOf } from './api-fault.ts'
import type { ApiServer } from './api-server.ts'
import { jsonLines } from './json-lines.ts'
import { isObject, type Received } from './received.ts'
import { retryDelay } from './retry-delay.ts'

export interface PodWatchOptions {
  readonly api: Pick<ApiServer, 'get' | 'open'>
  readonly node: string
  readonly clock: Clock
  /** Between 0 and 1. @default Math.random */
  readonly random?: () => number
  /** Everything that there is, at the beginning and whenever changes may have been missed. */
  readonly listed: (pods: readonly Received[]) => void
  readonly changed: (type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: Received) => void
  /** It does not work, and will be tried again; told of each attempt. */
  readonly failed: (fault: ApiFault | Error) => void
  /** A watch begins. */
  readonly watching: () => void
}

/** Seconds after which the server ends a watch: at least, and as many on top at most, so that not all agents come at once. */
const watchFor = 300
/** Milliseconds beyond that without a word, after which nobody is there. */
const overdue = 30_000
/** Objects of a page; an object is at most 1.5 MiB in etcd. */
const pageSize = 250
const longestLine = 8 * 1024 * 1024
/** Milliseconds. A watch that ends sooner, and had nothing to say, is no sign that things work. */
const shortWatch = 1_000
/** Milliseconds from one list to the next that is asked for: what nobody knows may be there for good. */
const listedLately = 5 * 60_000
/** Milliseconds. No server is obeyed that says to come back tomorrow: until then nothing new is known. */
const longestAsked = 5 * 60_000

export class PodWatch {
  readonly #options: PodWatchOptions
  readonly #random: () => number
  /** Undefined: everything is to be listed. */
  #version: string | undefined
  /** What is listed may be older than what was seen, and is as cheap for the server as it gets; not after a 410. */
  #fromCache = true
  #attempt = 0
  /** Monotonic milliseconds. */
  #listed = Number.NEGATIVE_INFINITY
  /** Ends the watch that is under way, and it alone. */
  #again = new AbortController()

  constructor(options: PodWatchOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
  }

  /**
   * Lists everything again, unless that was done lately. For a pod that is on the node and that nobody has told of: after etcd
   * was put back from a backup, a watch from a version of before stands, and tells of nothing until versions have caught up.
   */
  listAgain(): void {
    if (this.#version === undefined || this.#options.clock.monotonic() - this.#listed < listedLately) return
    this.#version = undefined
    this.#again.abort()
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, failed } = this.#options
    while (!signal.aborted) {
      let wait = 0
      this.#again = new AbortController()
      try {
        this.#version ??= await this.#list(signal)
        if (!(await this.#watch(this.#version, signal))) wait = retryDelay(this.#attempt++, this.#random)
      } catch (thrown) {
        if (signal.aborted) return
        if (this.#again.signal.aborted) continue
        const fault = asError(thrown)
        failed(fault)
        const isGone = fault instanceof ApiFault && fault.kind === 'gone'
        if (isGone) {
          this.#version = undefined
          this.#fromCache = false
        }
        const asked = fault instanceof ApiFault ? Math.min(fault.retryAfter, longestAsked) : 0
        // The first time it is only late; a server that says so again and again is not to be asked without end.
        if (!isGone || this.#attempt > 0) wait = Math.max(asked, retryDelay(this.#attempt, this.#random))
        this.#attempt++
      }
      if (wait > 0) await clock.sleep(wait, signal).catch(() => {})
    }
  }

  /** Returns the version that the list is of. */
  async #list(signal: AbortSignal): Promise<string> {
    const pods: Received[] = []
    let next = ''
    for (;;) {
      const query = this.#query({
        limit: String(pageSize),
        ...(this.#fromCache ? { resourceVersion: '0' } : {}),
        ...(next === '' ? {} : { continue: next }),
      })
      const page = await this.#options.api.get(query, signal)
      const { items, metadata } = isObject(page) ? page : {}
      const { resourceVersion, continue: more } = isObject(metadata) ? metadata : {}
      if (!Array.isArray(items) || typeof resourceVersion !== 'string')
        throw new Error('what the API server answered is no list of pods')
      pods.push(...items.filter(isObject))
      if (typeof more !== 'string' || more === '') {
        this.#listed = this.#options.clock.monotonic()
        this.#options.listed(pods)
        return resourceVersion
      }
      next = more
    }
  }

  /** Until the server ends it. False where it was of no use. */
  async #watch(from: string, signal: AbortSignal): Promise<boolean> {
    const { api, clock, watching } = this.#options
    const seconds = watchFor + Math.floor(this.#random() * watchFor)
    const query = this.#query({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(seconds),
    })
    const begun = clock.monotonic()
    const until = AbortSignal.any([signal, this.#again.signal])
    const response = await api.open(query, seconds * 1_000 + overdue, until)
    watching()
    let isOfUse = false
    try {
      for await (const event of jsonLines(response, longestLine)) {
        until.throwIfAborted()
        this.#take(event)
        isOfUse = true
      }
      if (!response.complete) throw new Error('the connection was cut')
    } finally {
      isOfUse ||= clock.monotonic() - begun >= shortWatch
      if (isOfUse) this.#attempt = 0
    }
    return isOfUse
  }

  #take(event: unknown): void {
    const { type, object } = isObject(event) ? event : {}
    if (!isObject(object)) throw new Error('what the API server sent is no event of a watch')
    if (type === 'ERROR') throw faultOf(500, object)
    const { resourceVersion } = isObject(object.metadata) ? object.metadata : {}
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') this.#options.changed(type, object)
    else if (type !== 'BOOKMARK') throw new Error(`an event of type ${JSON.stringify(type)}`)
    if (typeof resourceVersion === 'string') this.#version = resourceVersion
  }

  #query(parameters: Readonly<Record<string, string>>): string {
    const fieldSelector = `spec.nodeName=${this.#options.node}`
    return `/api/v1/pods?${new URLSearchParams({ fieldSelector, ...parameters }).toString()}`
  }
}
