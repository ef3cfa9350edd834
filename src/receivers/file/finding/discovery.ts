/**
 * Finds files: chokidar watches the directories that can hold a match (one watch a directory, later ones
 * included), and a slow scan looks again for what its notifications missed (network file systems, watch limits).
 * Every raw notification is passed on too, since it says within a millisecond that a file has grown, also for
 * names that match no pattern any more.
 */
import { glob, readdir } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Clock } from '../../../clock.ts'
import { asError, systemCode } from '../../../errors.ts'
import type { Log } from '../../../telemetry/log.ts'
import { statOrNull } from './locate.ts'
import { type IncludePattern, includes, type Patterns } from './pattern.ts'
import { isDecoded, UndecodableNames } from './undecodable.ts'

/** Milliseconds between scans, at least; and at least this many times what a scan takes. */
const scanEvery = 10_000
const scanShare = 200
/** The same where scans are all there is. */
const scanEveryAlone = 1_000
const scanShareAlone = 20
/** Milliseconds until a scan that something calls for. */
const hurryWait = 200
/** Names of files of no interest that are remembered. */
const othersLimit = 10_000
/** Milliseconds that the watch may take to stand before reading begins without it. */
const readyWithin = 5_000

export interface DiscoveryOptions {
  readonly patterns: Patterns
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Milliseconds: `poll`, when there is to be no watch. */
  readonly alone?: number
  /** Whether this path is known already. */
  readonly has: (path: string) => boolean
  /** A scan met this path, and it is not known. */
  readonly found: (path: string) => void
  /** What this name stands for may have changed: a new file, a rename, a deletion. */
  readonly changed: (path: string) => void
  /** Whether this name is followed: then notifications are all that is wanted of it. */
  readonly follows: (path: string) => boolean
  /** A file's content may have changed. A linked file is watched where it lies, and `watched` is then its own name. */
  readonly touched: (path: string, watched: string) => void
}

export class Discovery {
  readonly #options: DiscoveryOptions
  /** Files in watched directories that match nothing. */
  readonly #others = new Set<string>()
  /** Directories that could not be listed when that was tried last. */
  readonly #unlisted = new Set<string>()
  readonly #undecodable: UndecodableNames
  #watcher: FSWatcher | null = null
  /** Ends the wait for the next scan. */
  #hurry: AbortController | null = null

  constructor(options: DiscoveryOptions) {
    this.#options = options
    this.#undecodable = new UndecodableNames(options.log)
  }

  /**
   * Begins to watch; resolves when every directory is under watch. What came after the last scan is reported.
   *
   * Chokidar is kept from examining what is followed or of no interest: it would do so with every notification,
   * and track each file a second time.
   */
  async start(): Promise<void> {
    const { patterns, log, clock, signal, changed, follows, alone } = this.#options
    if (alone !== undefined) return
    const bases = [...new Set(patterns.include.map(({ base }) => base))]
    const watcher = watch(bases, {
      // Rotation is a rename and a new file, and is to be seen as that.
      atomic: false,
      ignored: (path, stats) => {
        if (follows(path) || this.#others.has(path)) return true
        if (!stats || stats.isSymbolicLink()) return false
        if (stats.isDirectory()) return !patterns.mayHold(path)
        if (patterns.matches(path)) return false
        if (this.#others.size >= othersLimit) this.#others.clear()
        this.#others.add(path)
        return true
      },
    })
    this.#watcher = watcher
    watcher.on('add', changed)
    watcher.on('unlink', changed)
    watcher.on('raw', (event, name, details) => {
      const watched = watchedPath(details)
      if (watched !== null && name) this.#notified(event, watched, name)
    })
    const said = new Set<string>()
    watcher.on('error', (error) => {
      const code = systemCode(error) ?? asError(error).message
      if (said.has(code)) return
      said.add(code)
      log.warn(
        { err: asError(error) },
        'watching for files is impaired; they are looked for every 10 s as well',
      )
    })
    const ready = new Promise<void>((resolve) => watcher.once('ready', resolve))
    // A directory that hangs (a dead network mount) must not keep the agent from starting.
    await Promise.race([ready, clock.sleep(readyWithin, signal).catch(() => {})])
  }

  #notified(event: string, watched: string, name: string): void {
    const path = join(watched, name)
    if (event === 'rename') {
      this.#others.delete(path)
      this.#options.changed(path)
    } else if (isDecoded(name) || this.#options.follows(path)) {
      this.#options.touched(path, watched)
    }
  }

  /** All files that match now, but those that are known. `unmatched` names the patterns without any. */
  async scan(
    known: (path: string) => boolean = () => false,
  ): Promise<{ readonly paths: readonly string[]; readonly unmatched: readonly string[] }> {
    const { patterns } = this.#options
    const paths = new Set<string>()
    const unmatched: string[] = []
    for (const pattern of patterns.include) {
      let found = false
      for await (const path of this.#candidates(pattern)) {
        const isKnown = known(path)
        if (!isKnown && (!includes(pattern, path) || !patterns.matches(path))) continue
        if (!isKnown && (await this.#undecodable.has(path))) continue
        if (!isKnown) paths.add(path)
        found = true
      }
      // A name without wildcards, or with brackets that are meant as they are written.
      if (
        !found &&
        patterns.matches(pattern.absolute) &&
        (await statOrNull(pattern.absolute).catch(() => null))
      ) {
        // Found again and again it would count as written to, every time.
        if (!known(pattern.absolute)) paths.add(pattern.absolute)
        found = true
      }
      if (!found) unmatched.push(pattern.written)
    }
    return { paths: [...paths].sort(), unmatched }
  }

  /** Paths that can match. A pattern for one directory is a list of that, which asks nothing about each file in it. */
  async *#candidates({ absolute, base, wild }: IncludePattern): AsyncIterable<string> {
    if (!wild) return
    if (dirname(absolute) !== base) return yield* this.#glob(absolute)
    for (const name of await this.#list(base)) yield join(base, name)
  }

  async *#glob(absolute: string): AsyncIterable<string> {
    const undecodable = new Set<string>()
    yield* glob(absolute, {
      exclude: (path) => {
        if (!isDecoded(path) && isAbsolute(path)) undecodable.add(path)
        return false
      },
    })
    for (const path of undecodable) await this.#undecodable.has(path, 'directory')
  }

  async #list(directory: string): Promise<readonly string[]> {
    try {
      const names = await readdir(directory)
      this.#unlisted.delete(directory)
      return names
    } catch (error) {
      const code = systemCode(error)
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && !this.#unlisted.has(directory)) {
        this.#unlisted.add(directory)
        this.#options.log.warn(
          { path: directory, code },
          `cannot list this directory: ${asError(error).message}; it will be tried again`,
        )
      }
      return []
    }
  }

  /** Scans again and again until the signal aborts. */
  async run(): Promise<void> {
    const { clock, signal, has, found, alone } = this.#options
    const every = alone === undefined ? scanEvery : Math.max(scanEveryAlone, 4 * alone)
    const share = alone === undefined ? scanShare : scanShareAlone
    let wait = every
    while (!signal.aborted) {
      const hurry = new AbortController()
      this.#hurry = hurry
      await clock.sleep(wait, AbortSignal.any([signal, hurry.signal])).catch(() => {})
      if (signal.aborted) return
      // Names that move on do so several at a time.
      if (hurry.signal.aborted) await clock.sleep(hurryWait, signal).catch(() => {})
      this.#hurry = null
      const begun = clock.monotonic()
      for (const path of (await this.scan(has)).paths) found(path)
      wait = Math.max(every, (clock.monotonic() - begun) * share)
    }
  }

  /** A name was gone before it was looked at: what had it may have another one by now. */
  hurry(): void {
    this.#hurry?.abort()
  }

  async stop(): Promise<void> {
    await this.#watcher?.close()
  }
}

function watchedPath(details: unknown): string | null {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return null
  return typeof details.watchedPath === 'string' ? details.watchedPath : null
}
