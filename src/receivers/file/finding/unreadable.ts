/** Paths that match and cannot be read: said once each, counted, tried again until they can. */
import type { BigIntStats } from 'node:fs'
import { asError, systemCode } from '../../../errors.ts'
import type { Log } from '../../../telemetry/log.ts'

/** The file vanished between two looks, or is none: nothing to report. */
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'ENXIO'])
/** Not the path's fault, and the same for all: said once. */
const outOfFiles = new Set(['EMFILE', 'ENFILE'])

/** A pipe, socket or device: to read from it takes away what another reader waits for, or never ends. */
export class SpecialFileError extends Error {
  readonly code = 'EFTYPE'

  constructor(stats: BigIntStats) {
    const what = stats.isFIFO() ? 'named pipe' : stats.isSocket() ? 'socket' : 'device'
    super(`it is a ${what}, and only regular files are read`)
  }
}

export class Unreadable {
  /** Path → the system's code. */
  readonly #codes = new Map<string, string>()
  #outOfFilesSaid = false
  readonly #log: Log
  #round: string[] = []

  constructor(log: Log) {
    this.#log = log
  }

  get paths(): readonly string[] {
    return [...this.#codes.keys()]
  }

  get size(): number {
    return this.#codes.size
  }

  /** One sentence; null when there are none. */
  get trouble(): string | null {
    const [first] = this.#codes
    if (!first) return null
    const [path, code] = first
    if (this.size === 1) return `a file cannot be read: ${path} (${code})`
    return `${this.size} files cannot be read, ${path} (${code}) among them`
  }

  /** The next paths to try again, `most` of them, in turn. */
  take(most: number): readonly string[] {
    if (this.#round.length === 0) this.#round = [...this.#codes.keys()]
    return this.#round.splice(-most)
  }

  failed(path: string, error: unknown): void {
    const code = systemCode(error) ?? 'unknown'
    if (nothingThere.has(code) || this.#codes.get(path) === code) return
    this.#codes.set(path, code)
    if (!outOfFiles.has(code)) {
      this.#log.warn(
        { path, code },
        `cannot read this file: ${asError(error).message}; it will be tried again`,
      )
    } else if (!this.#outOfFilesSaid) {
      this.#outOfFilesSaid = true
      this.#log.warn(
        { path, code },
        'the limit of open files is reached: more files wait until others are gone; raise the limit (ulimit -n)',
      )
    }
  }

  /** The path was looked at without an error. */
  worked(path: string): void {
    if (this.#codes.delete(path)) this.#log.info({ path }, 'this file can be read now, or is gone')
  }
}
