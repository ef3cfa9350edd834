/** The files behind `--config`: each path is a file, or a directory whose *.yaml and *.yml are read in name order. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AffiantError, asError, systemCode } from '../errors.ts'

/** Far above any configuration, far below what would fill the memory. */
const maxFileBytes = 8 * 1024 ** 2

interface Source {
  /** As the user named it, so that errors point where they look. */
  readonly file: string
  readonly text: string
}

/** Throws `config_unreadable`, with every path that cannot be read. */
export async function readSources(paths: readonly string[]): Promise<Source[]> {
  const faults: string[] = []
  const files = new Map<string, string>()
  for (const path of paths) {
    try {
      for (const file of await filesOf(path)) files.set(resolve(file), file)
    } catch (thrown) {
      faults.push(`${path}: ${reason(thrown)}`)
    }
  }
  const sources: Source[] = []
  for (const file of files.values()) {
    try {
      const { size } = await stat(file)
      if (size > maxFileBytes)
        throw new Error(`over ${maxFileBytes / 1024 ** 2} MiB: is this a configuration?`)
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
      sources.push({ file, text })
    } catch (thrown) {
      faults.push(`${file}: ${reason(thrown)}`)
    }
  }
  if (faults.length > 0) throw new AffiantError('config_unreadable', faults.join('\n'))
  return sources
}

/**
 * What changes when one of the files does, however it was written: also when a file takes another one's place, and when the
 * directory that a link leads to does. Says nothing of what cannot be looked at but that.
 */
export async function traceOfSources(paths: readonly string[]): Promise<string> {
  const traces: unknown[] = []
  for (const path of paths) {
    try {
      for (const file of await filesOf(path)) {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
        traces.push([file, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)])
      }
    } catch (thrown) {
      traces.push([path, reason(thrown)])
    }
  }
  return JSON.stringify(traces)
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
  if (names.length === 0) throw new Error('the directory holds no *.yaml or *.yml file')
  return names.toSorted().map((name) => join(path, name))
}

function reason(thrown: unknown): string {
  const code = systemCode(thrown)
  if (code === 'ENOENT') return 'there is no such file or directory'
  if (code === 'EACCES') return 'permission denied'
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'not UTF-8 text'
  return asError(thrown).message
}
