/** What an enricher reads from a URL: fetched at the start and every few minutes; a server that fails changes nothing. */
import { createHash } from 'node:crypto'
import { asError } from '../../errors.ts'
import type { FileNews, Loader, WatchedFile } from './watched-file.ts'

/** Milliseconds. */
const freshFor = 5 * 60_000
const again = 30_000
const patience = 10_000

export class WatchedUrl<T> implements WatchedFile<T> {
  readonly path: string
  value: T
  version = 0
  sha256: string | undefined
  readonly #loader: Loader<T>
  readonly #now: () => number
  #due = 0
  #faulty: string | undefined

  /** @param now monotonic, milliseconds */
  constructor(url: string, loader: Loader<T>, empty: T, now: () => number = () => performance.now()) {
    this.path = url
    this.value = empty
    this.#loader = loader
    this.#now = now
  }

  get notes(): readonly string[] {
    return this.#loader.notes?.(this.value) ?? []
  }

  /** What happened, if it was time to look and anything did. */
  async look(): Promise<FileNews | undefined> {
    if (this.#now() < this.#due) return undefined
    const { path } = this
    try {
      const bytes = await this.#fetch()
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      this.#due = this.#now() + freshFor
      const wasFaulty = this.#faulty !== undefined
      if (sha256 !== this.sha256) {
        this.value = this.#loader.parse(bytes)
        this.version++
      } else if (!wasFaulty) return undefined
      this.sha256 = sha256
      this.#faulty = undefined
      return { path, sha256, problem: undefined, notes: this.notes }
    } catch (thrown) {
      this.#due = this.#now() + again
      const problem = `${path}: ${reasonOf(thrown)}`
      if (problem === this.#faulty) return undefined
      this.#faulty = problem
      return { path, sha256: undefined, problem }
    }
  }

  async #fetch(): Promise<Buffer> {
    const { maxBytes } = this.#loader
    const signal = AbortSignal.timeout(patience)
    // Keys from somewhere else than configured would be somebody else's.
    const answer = await fetch(this.path, { signal, redirect: 'error' })
    if (!answer.ok) throw new Error(`the answer was ${answer.status}`)
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of answer.body ?? []) {
      size += chunk.length
      if (size > maxBytes) throw new Error(`has more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }
}

/** `fetch` says why in its cause. */
function reasonOf(thrown: unknown): string {
  const { message, cause } = asError(thrown)
  return cause === undefined ? message : `${message}: ${asError(cause).message}`
}
