/**
 * Files that are replaced while the agent runs, and what is made of them together: they are looked at by time.
 *
 * Invariant: what is in use is replaced only by what could be made of files that were the same for a whole look: of two that belong
 * together, one may be there before the other.
 */
import { stat } from 'node:fs/promises'
import { asError } from '../../errors.ts'

export interface ReplacedFilesOptions<T> {
  readonly paths: readonly string[]
  /** Reads and checks them; rejects with what is wrong, naming the file. */
  readonly load: () => Promise<T>
  /** Whether they say the same, however often they were touched. */
  readonly isSame: (a: T, b: T) => boolean
}

/** What became of files that had changed. `before`: what was in use. */
export type FilesNews<T> = { readonly value: T; readonly before: T } | { readonly problem: string }

/** Files are looked at this often, milliseconds. */
export const lookEvery = 1_000

export class ReplacedFiles<T> {
  readonly #options: ReplacedFilesOptions<T>
  /** Of what is in use, or was told of. */
  #known: string
  #changing = ''
  #used: T
  #isFaulty = false

  private constructor(options: ReplacedFilesOptions<T>, known: string, used: T) {
    this.#options = options
    this.#known = known
    this.#used = used
  }

  /** Rejects as `load` does. */
  static async open<T>(options: ReplacedFilesOptions<T>): Promise<ReplacedFiles<T>> {
    const known = await traceOf(options.paths)
    return new ReplacedFiles(options, known, await options.load())
  }

  get value(): T {
    return this.#used
  }

  /** What is new since the last look, if anything is; a problem is told once. */
  async look(): Promise<FilesNews<T> | undefined> {
    const trace = await traceOf(this.#options.paths)
    if (trace === this.#known) return undefined
    if (trace !== this.#changing) {
      this.#changing = trace
      return undefined
    }
    this.#known = trace
    try {
      const value = await this.#options.load()
      const before = this.#used
      // What is in use was touched; after a fault it is told of: the fault is over.
      if (this.#options.isSame(value, before) && !this.#isFaulty) return undefined
      this.#used = value
      this.#isFaulty = false
      return { value, before }
    } catch (thrown) {
      this.#isFaulty = true
      return { problem: asError(thrown).message }
    }
  }
}

/** What changes when a file does; follows links, as mounted secrets are some. */
async function traceOf(paths: readonly string[]): Promise<string> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return found.map((stats) => `${stats?.ino} ${stats?.size} ${stats?.mtimeMs} ${stats?.ctimeMs}`).join()
}
