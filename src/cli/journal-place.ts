/** Where a command finds a journal, and the keys to read it with. */
import { readFile } from 'node:fs/promises'
import { loadJournalPlace } from '../agent/load.ts'
import { AffiantError, asError } from '../errors.ts'
import { type EncryptionKey, KeyRing, parseKey } from '../journal/key-ring.ts'

export interface PlaceOptions {
  readonly config: readonly string[]
  readonly dataDir?: string
  readonly keyFile: readonly string[]
}

export interface JournalPlace {
  readonly dataDir: string
  readonly keys: KeyRing
}

/** With `--data-dir` alone no configuration is read, and keys come from `--key-file`. */
export async function findJournal(options: PlaceOptions): Promise<JournalPlace> {
  const given = await Promise.all(options.keyFile.map(readKey))
  if (options.dataDir !== undefined && options.config.length === 0) {
    return { dataDir: options.dataDir, keys: new KeyRing(given) }
  }
  const place = await loadJournalPlace(options.config)
  return { dataDir: options.dataDir ?? place.dataDir, keys: new KeyRing([...given, ...place.keys]) }
}

async function readKey(path: string): Promise<EncryptionKey> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new AffiantError('usage', `--key-file ${path} cannot be read: ${asError(error).message}`)
  }
  try {
    return parseKey(text.trim())
  } catch (error) {
    throw new AffiantError('usage', `--key-file ${path}: ${asError(error).message}`)
  }
}
