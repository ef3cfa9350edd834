/** Secrets that change while the agent runs: read again when their file changes, and after a 401. */
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AffiantError, asError } from '../../errors.ts'
import type { SecretConfig } from './config.ts'

const run = promisify(execFile)

/** A file is looked at this often. Milliseconds. */
const LOOK = 1_000
/** So many values of one secret are concealed, the latest ones. */
const REMEMBERED = 8
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
  /** What it is, and what it was until lately: for concealing. An answer to the old one may still be on its way. */
  readonly known: readonly string[]
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
    return { current: async () => config, distrust: () => undefined, known: [config] }
  }
  return new ReadSecret(what, config, now)
}

class ReadSecret implements Secret {
  known: readonly string[] = []
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
    const [known] = this.known
    if (!this.#stale && known !== undefined && this.#now() - this.#looked < fresh) {
      return Promise.resolve(known)
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
      if (text !== this.known[0]) this.known = [text, ...this.known].slice(0, REMEMBERED)
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
    const [known] = this.known
    if (!this.#stale && version === this.#version && known !== undefined) return known
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
  if (error instanceof Error && 'signal' in error && typeof error.signal === 'string') {
    return `the command was ended by ${error.signal}`
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
    return `the command ended with exit code ${error.code}`
  }
  return message
}
