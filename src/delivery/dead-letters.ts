/**
 * Events that a sink refused for good. Format (docs/delivery.md): `<directory>/<time>-<seq>.ndjson`, one line a
 * letter, `event` always last and byte for byte the output line that was refused:
 *
 *     {"schema":"dead-letter/1","time":"…","sink":"…","seq":41,"attempts":3,"reason":"…","event":{…}}
 *
 * Invariants: a letter is fdatasynced (and its file's directory entry too) before `add` resolves, and only then
 * does its seq settle. Bytes are never appended behind a write that failed, nor behind another run's last line:
 * each run and each failure begins a new file. Hence only the last line of a file can be torn, and a torn letter's
 * seq is unsettled: it will be refused, and kept, once more. The same letter may thus be there twice.
 *
 * Letters leave by `affiant dlq replay` and `purge` alone, which touch only files that nothing is appended to any more:
 * see sent-letters.ts and rewrite-letters.ts.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import { makeDirectory } from '../make-directory.ts'
import { syncDirectory } from '../sync-directory.ts'

interface DeadLetter {
  readonly sink: string
  readonly seq: number
  /** Requests made for the batch it was in. */
  readonly attempts: number
  readonly reason: string
  /** What the sink's partitioner said of it; '' where there is none. */
  readonly partition?: string
  /** The output line, without its newline. */
  readonly line: Uint8Array
}

export interface DeadLetters extends AsyncDisposable {
  /** Resolves with null once all are durable, or with the reason why none may settle. */
  add(letters: readonly DeadLetter[]): Promise<string | null>
  /** On disk, bytes. */
  readonly bytes: number
  readonly directory: string
  /** The files that are there now: nothing is appended to them any more, letters that come get files of their own. */
  still(): Promise<readonly string[]>
  /** Counts what is on disk anew. */
  measure(): Promise<void>
}

export interface DeadLetterOptions {
  /** `data_dir/dlq/<sink>`; made when the first letter comes. */
  readonly directory: string
  /** Bytes. @default 1 GiB */
  readonly maxBytes?: number
  /** A file that has reached this is followed by a new one. Bytes. @default 64 MiB */
  readonly fileBytes?: number
  readonly clock: Clock
}

/** Opens the dead letters of one sink. Nothing is created until there is one. */
export async function openDeadLetters(options: DeadLetterOptions): Promise<DeadLetters> {
  const store = new DeadLetterFiles(options)
  await store.measure()
  return store
}

class DeadLetterFiles implements DeadLetters {
  bytes = 0
  readonly directory: string
  readonly #maxBytes: number
  readonly #fileBytes: number
  readonly #clock: Clock
  #file: { handle: FileHandle; size: number } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ directory, maxBytes, fileBytes, clock }: DeadLetterOptions) {
    this.directory = directory
    this.#maxBytes = maxBytes ?? 1024 ** 3
    this.#fileBytes = fileBytes ?? 64 * 1024 ** 2
    this.#clock = clock
  }

  add(letters: readonly DeadLetter[]): Promise<string | null> {
    const added = this.#turn.then(() => this.#add(letters))
    this.#turn = added
    return added
  }

  still(): Promise<readonly string[]> {
    const files = this.#turn.then(async () => {
      await this.#leave()
      // Who only starts and delivers needs no reader of letters.
      const { letterFiles } = await import('./letters-on-disk.ts')
      return await letterFiles(this.directory)
    })
    this.#turn = files.catch(() => undefined)
    return files
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    await this.#file?.handle.close()
    this.#file = undefined
  }

  /** Counts what is on disk: letters that somebody purged make room. */
  async measure(): Promise<void> {
    let bytes = 0
    for (const name of await readdir(this.directory).catch(() => [])) {
      if (name.endsWith('.ndjson'))
        bytes += (await stat(join(this.directory, name)).catch(() => ({ size: 0 }))).size
    }
    this.bytes = bytes
  }

  async #add(letters: readonly DeadLetter[]): Promise<string | null> {
    const first = letters[0]
    if (first === undefined) return null
    const time = new Date(this.#clock.now()).toISOString()
    const chunk = Buffer.concat(letters.flatMap((letter) => encodeLetter(letter, time)))
    try {
      if (this.bytes + chunk.length > this.#maxBytes) await this.measure()
      if (this.bytes + chunk.length > this.#maxBytes) {
        return `the dead letters of sink ${first.sink} have reached their limit of ${this.#maxBytes} bytes in ${this.directory}`
      }
      this.#file ??= await this.#create(time, first.seq)
      const file = this.#file
      await file.handle.appendFile(chunk)
      await file.handle.datasync()
      file.size += chunk.length
      this.bytes += chunk.length
      if (file.size >= this.#fileBytes) await this.#leave()
      return null
    } catch (error) {
      await this.#leave()
      return `dead letters cannot be kept in ${this.directory}: ${asError(error).message}`
    }
  }

  async #create(time: string, seq: number): Promise<{ handle: FileHandle; size: number }> {
    await makeDirectory(this.directory, 0o700)
    const stem = `${time.replaceAll(':', '').replace('.', '')}-${seq}`
    const { handle } = await createUnique(this.directory, stem)
    try {
      // `mkdir` may have made `dlq/` as well, so the data directory's entries count too.
      for (const up of ['.', '..', '../..']) await syncDirectory(join(this.directory, up))
      return { handle, size: 0 }
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #leave(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.handle.close().catch(() => undefined)
  }
}

/** The first of `stem`, `stem.1`, `stem.2` … that is free, from `copy` on. */
export async function createUnique(
  directory: string,
  stem: string,
  copy = 0,
): Promise<{ readonly handle: FileHandle; readonly path: string }> {
  for (let number = copy; ; number++) {
    const path = join(directory, number === 0 ? `${stem}.ndjson` : `${stem}.${number}.ndjson`)
    try {
      return { handle: await open(path, 'ax', 0o600), path }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/** `time`: RFC 3339. */
export function encodeLetter({ line, partition, ...letter }: DeadLetter, time: string): Uint8Array[] {
  const { sink, seq, attempts, reason } = letter
  const head = JSON.stringify({
    schema: 'dead-letter/1',
    time,
    sink,
    seq,
    attempts,
    reason,
    ...(partition && { partition }),
  })
  return [Buffer.from(`${head.slice(0, -1)},"event":`), line, Buffer.from('}\n')]
}
