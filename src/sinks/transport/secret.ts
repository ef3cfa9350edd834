/** Secrets that change while the agent runs: read again when their file changes, and after a 401. */
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AffiantError, asError } from '../../errors.ts'
import type { SecretConfig } from './config.ts'

const run = promisify(execFile)

/** A file is looked at this often. Milliseconds. */
const LOOK = 1_000
/** A program that prints nothing for so long is ended. Milliseconds. */
const PATIENCE = 30_000

export interface Secret {
  /**
   * The secret as it is now. Rejects when it cannot be read: the destination is not asked without it, and the
   * batch waits.
   */
  current(): Promise<string>
  /** The destination did not take it (401): the next `current` reads it anew. */
  distrust(): void
  /** What it was last, for concealing; undefined before the first `current`. */
  readonly known: string | undefined
}

export interface SecretOptions {
  /** `sink siem: token`, for messages. */
  readonly what: string
  readonly config: SecretConfig
  /** Milliseconds, monotonic. */
  readonly now?: () => number
}

export function openSecret({ what, config, now = () => performance.now() }: SecretOptions): Secret {
  if (typeof config === 'string') {
    return { current: async () => config, distrust: () => undefined, known: config }
  }
  return new ReadSecret(what, config, now)
}

class ReadSecret implements Secret {
  known: string | undefined
  readonly #what: string
  readonly #config: Exclude<SecretConfig, string>
  readonly #now: () => number
  /** When it was last read or looked at. */
  #looked = Number.NEGATIVE_INFINITY
  /** Of the file, when it was read: its time, size and inode. */
  #version = ''
  #stale = true
  #reading: Promise<string> | undefined

  constructor(what: string, config: Exclude<SecretConfig, string>, now: () => number) {
    this.#what = what
    this.#config = config
    this.#now = now
  }

  current(): Promise<string> {
    const fresh = 'file' in this.#config ? LOOK : this.#config.refresh
    if (!this.#stale && this.known !== undefined && this.#now() - this.#looked < fresh) {
      return Promise.resolve(this.known)
    }
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  distrust(): void {
    this.#stale = true
  }

  async #read(): Promise<string> {
    const config = this.#config
    try {
      const text = 'file' in config ? await this.#readFile(config.file) : await runCommand(config.command)
      if (text === '') throw new Error('it is empty')
      this.known = text
      this.#looked = this.#now()
      this.#stale = false
      return text
    } catch (error) {
      throw new AffiantError('config_unreadable', `${this.#what}: ${describe(error)}`, { cause: error })
    }
  }

  async #readFile(path: string): Promise<string> {
    const { mtimeMs, size, ino } = await stat(path)
    const version = `${mtimeMs} ${size} ${ino}`
    if (!this.#stale && version === this.#version && this.known !== undefined) return this.known
    const text = (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
    this.#version = version
    return text
  }
}

async function runCommand([program, ...args]: readonly string[]): Promise<string> {
  const { stdout } = await run(program!, args, { timeout: PATIENCE, maxBuffer: 64 * 1024 })
  return stdout.replace(/\r?\n$/, '')
}

/** Never what the program printed: that may be half a secret. */
function describe(error: unknown): string {
  const { message } = asError(error)
  if (error instanceof Error && 'killed' in error && error.killed) return 'the command took too long'
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
    return `the command ended with exit code ${error.code}`
  }
  return message
}
