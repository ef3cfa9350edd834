/**
 * Which letters of a file the sink has accepted since: `<file>.sent` beside `<file>.ndjson`, lines
 * `<CRC-32> {"first":4,"runs":[3,1,2]}`, numbers of lines counted from 0: three from 4 on, one not, two more.
 *
 * Invariants: a note is fdatasynced before its letters count as sent, so a kill sends those of one batch again at most; all
 * of a batch is in one note, so that what is sent again is the same batch. Notes are about a file that never changes:
 * letters that stay are written to a new one (rewrite-letters.ts), and the notes go last.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { systemCode } from '../errors.ts'
import { syncDirectory } from '../sync-directory.ts'
import { decodeChecked, encodeChecked } from './checked-line.ts'
import { runsOf } from './planned-cut.ts'

const note = z.strictObject({ first: z.int().min(0), runs: z.array(z.int().min(0)).min(1) })

/** `path` is that of the letters. */
export const sentPath = (path: string): string => path.replace(/\.ndjson$/, '.sent')

/** Numbers of lines. */
export async function readSent(path: string): Promise<Set<number>> {
  const sent = new Set<number>()
  let text: string
  try {
    text = await readFile(sentPath(path), 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return sent
    throw error
  }
  for (const line of text.split('\n')) {
    // A note that was torn is none: its letters are sent once more.
    const { data } = note.safeParse(decodeChecked(line))
    if (data === undefined) continue
    let at = data.first
    for (const [index, length] of data.runs.entries()) {
      if (index % 2 === 0) for (let number = at; number < at + length; number++) sent.add(number)
      at += length
    }
  }
  return sent
}

export class SentNotes implements AsyncDisposable {
  readonly #path: string
  #file: FileHandle | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** `path` is that of the letters. Nothing is created until there is something to note. */
  constructor(path: string) {
    this.#path = sentPath(path)
  }

  /** Resolves once it is durable. Rejects as the disk does: then the letters may count as sent or not. */
  add(numbers: readonly number[]): Promise<void> {
    if (numbers.length === 0) return Promise.resolve()
    const added = this.#turn.then(() => this.#add(numbers))
    this.#turn = added.catch(() => undefined)
    return added
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    await this.#file?.close()
  }

  async #add(numbers: readonly number[]): Promise<void> {
    const sorted = Float64Array.from(numbers).sort()
    const file = this.#file ?? (await open(this.#path, 'a', 0o600))
    const isNew = this.#file === undefined
    this.#file = file
    // Behind a note that was torn, this one begins a line of its own.
    const line = encodeChecked({ first: sorted[0], runs: runsOf(sorted) })
    await file.appendFile(Buffer.from(`\n${line}`))
    await file.datasync()
    if (isNew) await syncDirectory(dirname(this.#path))
  }
}
