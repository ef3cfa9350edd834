/**
 * The descriptors of one receiver's files, and how many there may be. Over the limit, the file that was read longest
 * ago gives its descriptor up and gets another one when it is read again: files take turns.
 *
 * Invariants: a descriptor is given up only while nobody reads from it and its file has a name that leads to it, so
 * that what a rotation or deletion took the name from stays readable; more than the limit are open only when none of
 * them can be given up. The system's own limit (EMFILE) counts as a lower one, for a while.
 */
import { readFileSync } from 'node:fs'
import type { Clock } from '../../../clock.ts'
import { systemCode } from '../../../errors.ts'
import type { Log } from '../../../telemetry/log.ts'
import { PlainSource } from './plain-source.ts'
import { SharedSource } from './shared-source.ts'

/** Files asked whether they can give up their descriptor, before more than the limit are open. */
const asked = 64
/** Milliseconds after which a limit that the system showed is tried again. */
const triedAgain = 10_000

/** Three quarters of the descriptors that the system allows this process: sockets and the journal need some too. */
export function descriptorsForFiles(): number {
  try {
    const allowed = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return allowed === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(Number(allowed) * 0.75))
  } catch {
    // Elsewhere the system says so when it comes to that.
    return Number.POSITIVE_INFINITY
  }
}

export interface OpenFilesOptions {
  /** Descriptors, at most. */
  readonly most: number
  readonly clock: Clock
  readonly log: Log
  /** How many are open, and may be, has changed. */
  readonly counted: (open: number, limit: number) => void
}

export class OpenFiles {
  readonly #options: OpenFilesOptions
  /** Present limit: lower than the configured one after the system refused. */
  #limit: number
  #loweredAt = 0
  #said = false
  /** Least recently used first. */
  readonly #open = new Set<SharedSource>()
  #latest: SharedSource | null = null
  /** Descriptors that are being opened. */
  #opening = 0

  constructor(options: OpenFilesOptions) {
    this.#options = options
    this.#limit = options.most
  }

  /** Opens a file by its name, whatever else that name stands for later. Rejects with what the file system says. */
  async openSource(path: string): Promise<SharedSource> {
    const file = await this.open(path)
    const source = new SharedSource(this, path, file, file.statsAtOpening())
    this.used(source)
    return source
  }

  /** A descriptor of its own, for a source that has none now and is `used` next. */
  async open(path: string): Promise<PlainSource> {
    this.#opening += 1
    try {
      this.#recover()
      while (this.#open.size + this.#opening > this.#limit && (await this.#giveUpOne())) this.#say('limit')
      for (;;) {
        try {
          return await PlainSource.open(path)
        } catch (error) {
          const code = systemCode(error)
          if (code !== 'EMFILE' && code !== 'ENFILE') throw error
          this.#lower()
          if (!(await this.#giveUpOne())) throw error
          this.#say(code)
        }
      }
    } finally {
      this.#opening -= 1
    }
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#options.clock.monotonic()
  }

  /** It has a descriptor, and was just read from. */
  used(source: SharedSource): void {
    const had = this.#open.delete(source)
    this.#open.add(source)
    this.#latest = source
    if (!had) this.#count()
  }

  /** It has no descriptor any more. */
  gone(source: SharedSource): void {
    if (this.#latest === source) this.#latest = null
    if (this.#open.delete(source)) this.#count()
  }

  /** Of those read longest ago, files at their end first. False when none of those that were asked can. */
  async #giveUpOne(): Promise<boolean> {
    const idle: SharedSource[] = []
    for (const source of this.#open) {
      if (source.idle) idle.push(source)
      if (idle.length === asked) break
    }
    // Where all of them are still to be read, the one that was opened last is the one whose turn comes last.
    if (this.#latest?.idle && !idle[0]?.atEnd) idle.unshift(this.#latest)
    for (const source of idle.sort((a, b) => Number(b.atEnd) - Number(a.atEnd))) {
      if (await source.giveUp()) return true
      // Asked again after the others.
      if (this.#open.delete(source)) this.#open.add(source)
    }
    return false
  }

  #lower(): void {
    this.#limit = Math.max(1, Math.min(this.#limit, this.#open.size) - 1)
    this.#loweredAt = this.#options.clock.monotonic()
    this.#count()
  }

  #recover(): void {
    const { most, clock } = this.#options
    const now = clock.monotonic()
    if (this.#limit === most || now - this.#loweredAt < triedAgain) return
    this.#limit = Math.min(most, this.#limit + Math.ceil(this.#limit / 4))
    this.#loweredAt = now
    this.#count()
  }

  #say(what: string): void {
    if (this.#said) return
    this.#said = true
    const limit = this.#limit
    const reason =
      what === 'limit'
        ? `max_open_files (${limit}) is reached`
        : `the system's limit of open files is reached (${what})`
    this.#options.log.warn(
      { limit },
      `${reason}: more files match, and take turns; to have all of them open, raise max_open_files and ulimit -n`,
    )
  }

  #count(): void {
    this.#options.counted(this.#open.size, this.#limit)
  }
}
