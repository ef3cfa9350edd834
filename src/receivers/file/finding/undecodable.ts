/** Names that are no valid UTF-8: nothing can be opened by what they become as text, so each is told of, once. */
import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '../../../telemetry/log.ts'
import { statOrNull } from './locate.ts'

/** Stands for what could not be decoded. A name may also have it as it is. */
const replacement = '\ufffd'
/** Names that are remembered. */
const most = 10_000

/** Whether a name, as listed, is the file's for sure. */
export function isDecoded(name: string): boolean {
  return !name.includes(replacement)
}

export class UndecodableNames {
  readonly #told = new Set<string>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** Whether the path, as listed, leads to nothing because a name in it is no UTF-8. The log then names the files. */
  async has(path: string, only?: 'directory'): Promise<boolean> {
    if (isDecoded(path) || (await statOrNull(path).catch(() => null))) return false
    const directory = dirname(path)
    const options = { encoding: 'buffer', withFileTypes: true } as const
    for (const entry of await readdir(directory, options).catch(() => [])) {
      const { name } = entry
      if (isUtf8(name) || name.toString() !== basename(path)) continue
      if (only === undefined || entry.isDirectory()) this.#tell(join(directory, escaped(name)))
    }
    return true
  }

  #tell(path: string): void {
    if (this.#told.has(path) || this.#told.size >= most) return
    this.#told.add(path)
    this.#log.warn(
      { path },
      'this name is not valid UTF-8, so nothing under it is read: rename it, or have a link to it under another name match',
    )
  }
}

/** Bytes outside ASCII as `\xe9`. */
function escaped(name: Buffer): string {
  return name.toString('latin1').replace(/[^ -~]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
