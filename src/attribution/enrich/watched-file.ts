/**
 * Files that enrichers read: tables, databases, keys. Each is loaded once a thread, whoever uses it, and again when it
 * has changed on disk. Files are looked at by time, never for a record.
 *
 * Invariants: a value is replaced as a whole and only between two turns of the event loop, so that one chunk is enriched
 * from one state; a new file that cannot be read leaves the old value in place, and says so.
 */
import { createHash } from 'node:crypto'
import { readFileSync, type Stats, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { AffiantError, asError, systemCode } from '../../errors.ts'
import { WatchedUrl } from './watched-url.ts'

export interface WatchedFile<T> {
  readonly path: string
  readonly value: T
  /** 0, and one more with each new value. */
  readonly version: number
}

/** What became of a file that had changed. */
export interface FileNews {
  readonly path: string
  readonly sha256: string | undefined
  /** Why the new file is not used; undefined when it is. */
  readonly problem: string | undefined
  /** What of it is not used, and why. */
  readonly notes?: readonly string[] | undefined
}

export interface Loader<T> {
  /** Files that are read alike are shared: what else than the path decides about the value. */
  readonly key: string
  /** Bytes. */
  readonly maxBytes: number
  /** @throws Error that says which line is wrong; the file is named by who catches it */
  readonly parse: (bytes: Buffer) => T
  /** What of a value that can be used is not. */
  notes?(value: T): readonly string[]
  /** The value until something has been fetched: what has one may be a URL. */
  readonly empty?: T
}

class Watched<T> implements WatchedFile<T> {
  readonly path: string
  value: T
  version = 0
  sha256: string
  readonly #loader: Loader<T>
  #seen: string
  /** Of the last fault, which is told once. */
  #faulty: string | undefined

  constructor(path: string, loader: Loader<T>) {
    this.path = path
    this.#loader = loader
    try {
      this.#seen = traceOf(sized(statSync(path), loader.maxBytes))
      const bytes = readFileSync(path)
      this.value = loader.parse(bytes)
      this.sha256 = hashOf(bytes)
    } catch (thrown) {
      throw fault(path, thrown)
    }
  }

  get notes(): readonly string[] {
    return this.#loader.notes?.(this.value) ?? []
  }

  /** What happened, if anything did. */
  async look(): Promise<FileNews | undefined> {
    const { path } = this
    const { maxBytes, parse } = this.#loader
    let sha256: string | undefined
    try {
      const trace = traceOf(sized(await stat(path), maxBytes))
      if (trace === this.#seen) return undefined
      const bytes = await readFile(path)
      sha256 = hashOf(bytes)
      // Somebody is at it still: next time.
      if (traceOf(await stat(path)) !== trace) return undefined
      this.#seen = trace
      if (sha256 === this.sha256) {
        const wasFaulty = this.#faulty !== undefined
        this.#faulty = undefined
        return wasFaulty ? { path, sha256, problem: undefined } : undefined
      }
      this.value = parse(bytes)
      this.sha256 = sha256
      this.version++
      this.#faulty = undefined
      return { path, sha256, problem: undefined, notes: this.notes }
    } catch (thrown) {
      const problem = fault(path, thrown).message
      if (problem === this.#faulty) return undefined
      this.#faulty = problem
      return { path, sha256, problem }
    }
  }
}

export class WatchedFiles {
  readonly #files = new Map<string, Watched<unknown> | WatchedUrl<unknown>>()
  #looking: Promise<FileNews[]> | undefined

  /**
   * Loads a file, or takes it as it was loaded for somebody else.
   *
   * @throws AffiantError `config_unreadable`, `config_invalid`: with the file, and the line where it has one
   */
  open<T>(path: string, loader: Loader<T>): WatchedFile<T> {
    const key = JSON.stringify([path, loader.key])
    const known = this.#files.get(key)
    // The key says how it was parsed, and with that what it is.
    if (known !== undefined) return known as WatchedFile<T>
    const { empty } = loader
    const isUrl = empty !== undefined && /^https?:/.test(path)
    const opened = isUrl ? new WatchedUrl(path, loader, empty) : new Watched(path, loader)
    this.#files.set(key, opened)
    return opened
  }

  /** What is loaded, with its hash. */
  get loaded(): readonly {
    readonly path: string
    readonly sha256: string
    readonly notes: readonly string[]
  }[] {
    return [...this.#files.values()].flatMap(({ path, sha256, notes }) =>
      sha256 === undefined ? [] : [{ path, sha256, notes }],
    )
  }

  /** Resolves once what comes from URLs has been fetched, or has failed to; with what went wrong. */
  async fetched(): Promise<readonly FileNews[]> {
    const remote = [...this.#files.values()].filter((file) => file instanceof WatchedUrl)
    const news = await Promise.all(remote.map((file) => file.look()))
    return news.filter((each) => each?.problem !== undefined).filter((each) => each !== undefined)
  }

  /** Loads what has changed. */
  look(): Promise<FileNews[]> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Looks every so many milliseconds, without keeping the process alive, until disposed of. */
  watch(every: number, told: (news: FileNews) => void = () => {}): Disposable {
    const timer = setInterval(() => {
      void this.look().then((all) => all.forEach(told))
    }, every)
    timer.unref()
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  async #look(): Promise<FileNews[]> {
    const news: FileNews[] = []
    for (const file of this.#files.values()) {
      const found = await file.look()
      if (found !== undefined) news.push(found)
    }
    return news
  }
}

/** What changes when a file does, also when it is replaced by another of the same size within a clock tick. */
const traceOf = ({ ino, size, mtimeMs, ctimeMs }: Stats) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`

function sized(found: Stats, maxBytes: number): Stats {
  if (found.isDirectory()) throw new Error('is a directory')
  if (found.size > maxBytes) {
    throw new Error(`has ${found.size} bytes, more than the limit of ${maxBytes} (max_size)`)
  }
  return found
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
}

function fault(path: string, thrown: unknown): AffiantError {
  const system = systemCode(thrown)
  if (system?.startsWith('E') && !system.startsWith('ERR')) {
    const reason = reasons[system] ?? system
    return new AffiantError('config_unreadable', `${path} cannot be read: ${reason}`, { cause: thrown })
  }
  return new AffiantError('config_invalid', `${path}: ${asError(thrown).message}`, { cause: thrown })
}
