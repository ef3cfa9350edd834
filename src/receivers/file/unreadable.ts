/** Paths that match and cannot be read: said once each, counted, tried again until they can. */
import { asError, systemCode } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'

/** The file vanished between two looks, or is none: nothing to report. */
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'ENXIO'])
/** Not the path's fault, and the same for all: said once. */
const outOfFiles = new Set(['EMFILE', 'ENFILE'])

export class Unreadable {
  /** Path → the system's code. */
  readonly #codes = new Map<string, string>()
  #outOfFilesSaid = false
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  get paths(): readonly string[] {
    return [...this.#codes.keys()]
  }

  get size(): number {
    return this.#codes.size
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
