/**
 * Takes letters out of a file that nothing is appended to any more. What stays goes to a new file, synced and in its
 * directory, before the old one goes; the notes of what was sent (sent-letters.ts) go last. So a kill at any moment loses no
 * letter: it may leave those that stay in both files, and a letter that is there twice counts once.
 */
import { type FileHandle, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncDirectory } from '../sync-directory.ts'
import { createUnique } from './dead-letters.ts'
import { type KeptLetter, linesIn } from './letters-on-disk.ts'
import { readSent, sentPath } from './sent-letters.ts'

/** Bytes that are written at once. */
const CHUNK = 1024 ** 2

/** What stays of a letter: all of it, something in its place, or nothing. */
export type Rewrite = (letter: KeptLetter, number: number) => Uint8Array | null

/** Lines that are no letters stay; letters that were sent go. */
export async function rewriteLetters(path: string, rewrite: Rewrite): Promise<void> {
  const sent = await readSent(path)
  const writer = new NewFile(path)
  try {
    for await (const { number, line, letter } of linesIn(path)) {
      if (sent.has(number)) continue
      const stays = letter === undefined ? line : rewrite(letter, number)
      if (stays !== null) await writer.write(stays)
    }
    await writer.finish()
  } catch (error) {
    await writer.discard()
    throw error
  }
  await removeLetters(path)
}

/** The file and its notes. */
export async function removeLetters(path: string): Promise<void> {
  const directory = dirname(path)
  await rm(path, { force: true })
  await syncDirectory(directory)
  await rm(sentPath(path), { force: true })
  await syncDirectory(directory)
}

/** Notes whose letters are gone: a kill came between the two. */
export async function removeOrphanNotes(directory: string): Promise<void> {
  const names: string[] = await readdir(directory).catch(() => [])
  for (const name of names) {
    if (!name.endsWith('.sent') || names.includes(name.replace(/\.sent$/, '.ndjson'))) continue
    await rm(join(directory, name), { force: true })
  }
}

/** Begun with the first letter that stays, under a name that none of its line had before. */
class NewFile {
  readonly #directory: string
  readonly #stem: string
  readonly #copy: number
  #file: { readonly handle: FileHandle; readonly path: string } | undefined
  #pending: Uint8Array[] = []
  #bytes = 0

  constructor(old: string) {
    this.#directory = dirname(old)
    const [, stem = '', copy = '0'] = /^(.*?)(?:\.(\d+))?\.ndjson$/.exec(basename(old)) ?? []
    this.#stem = stem
    this.#copy = Number(copy) + 1
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= CHUNK) await this.#flush()
  }

  async finish(): Promise<void> {
    await this.#flush()
    if (this.#file === undefined) return
    await this.#file.handle.datasync()
    await this.#file.handle.close()
    await syncDirectory(this.#directory)
  }

  async discard(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    await file.handle.close().catch(() => undefined)
    await rm(file.path, { force: true }).catch(() => undefined)
  }

  async #flush(): Promise<void> {
    if (this.#bytes === 0) return
    const chunk = Buffer.concat(this.#pending)
    this.#pending = []
    this.#bytes = 0
    this.#file ??= await createUnique(this.#directory, this.#stem, this.#copy)
    await this.#file.handle.appendFile(chunk)
  }
}
