/**
 * `delete_after: delivered`: a file that is read to its end, whose events every sink they go to has settled, and that
 * has not grown for a while, is deleted.
 *
 * Invariants: the event that says so is committed before the file goes; between that and the deletion nothing is awaited
 * but one more look at everything, and the name must lead to the very file that was read, as large as it was read, and
 * unchanged. Whatever is in doubt is left alone. After a crash in between, the next run comes to the same end.
 */
import { type BigIntStats, lstatSync, unlinkSync } from 'node:fs'
import type { Clock } from '../../clock.ts'
import { asError, systemCode } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Intake } from '../receiver.ts'
import { fileKey } from './finding/locate.ts'
import type { FollowedFile } from './reading/followed-file.ts'

const lookEvery = 1_000

export interface DeletionOptions {
  readonly files: { readonly all: readonly FollowedFile[] }
  /** Whether every sink has settled whatever of the stream goes there. */
  readonly delivered: (stream: string) => boolean
  /** Milliseconds without growth. */
  readonly grace: number
  readonly intake: Pick<Intake, 'noteStream'>
  readonly clock: Clock
  readonly log: Log
  /** Nothing more is deleted. */
  readonly signal: AbortSignal
}

export class DeleteWhenDelivered {
  readonly #options: DeletionOptions
  /** Could not be deleted: said once, and left alone. */
  readonly #refused = new WeakSet<FollowedFile>()
  /** When one changed under the attempt: it has to be quiet anew. Monotonic milliseconds. */
  readonly #changed = new WeakMap<FollowedFile, number>()

  constructor(options: DeletionOptions) {
    this.#options = options
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { files, clock, grace, signal, log } = this.#options
    while (!signal.aborted) {
      await clock.sleep(Math.min(lookEvery, Math.max(1, grace)), signal).catch(() => {})
      for (const file of files.all) {
        if (signal.aborted) return
        if (!this.#isDue(file)) continue
        try {
          await this.#delete(file)
        } catch (error) {
          if (signal.aborted) return
          this.#refused.add(file)
          log.warn({ path: file.path, err: asError(error) }, 'this file is delivered and cannot be deleted')
        }
      }
    }
  }

  /** Read, committed and settled to the last byte, quiet, and under a name that the patterns match. */
  #isDue(file: FollowedFile): boolean {
    const { clock, grace, delivered } = this.#options
    const { lines, outgoing, stream } = file
    return (
      stream !== null &&
      file.location !== null &&
      !file.displaced &&
      !file.ignored &&
      !file.held &&
      !file.deleted &&
      !file.descriptorChanged &&
      file.drained &&
      lines.next === lines.scanned &&
      outgoing.committed === lines.next &&
      clock.monotonic() - Math.max(file.growth.lastAt, this.#changed.get(file) ?? file.growth.lastAt) >=
        grace &&
      !this.#refused.has(file) &&
      delivered(stream.id)
    )
  }

  async #delete(file: FollowedFile): Promise<void> {
    const { intake, clock, log, signal } = this.#options
    const { stream, location } = file
    if (stream === null || location === null) return
    const read = file.lines.next
    const before = await file.found.source.stat()
    if (!isWhole(file, before) || !leadsTo(location, before)) return
    await intake.noteStream(
      stream,
      {
        action: 'affiant.stream.closed',
        message: `${location}: delivered to the last byte, and deleted`,
        metadata: { path: location, reason: 'deleted', size: Number(before.size), read },
      },
      signal,
    )
    if (
      !this.#isDue(file) ||
      file.lines.next !== read ||
      file.location !== location ||
      !leadsTo(location, before)
    ) {
      this.#changed.set(file, clock.monotonic())
      log.warn({ path: location }, 'this file changed as it was about to be deleted: it is kept, and read on')
      return
    }
    unlinkSync(location)
    file.deleted = true
    log.info({ path: location, stream: stream.id, bytes: read }, 'this file is delivered, and deleted')
  }
}

/** All that is in it has been read. */
function isWhole(file: FollowedFile, stats: BigIntStats): boolean {
  return file.gzip ? file.gzip.complete : Number(stats.size) === file.lines.next
}

/** Whether `path` is this very file and no link to it, as it was. Synchronous: nothing of ours happens in between. */
function leadsTo(path: string, before: BigIntStats): boolean {
  try {
    const now = lstatSync(path, { bigint: true })
    return (
      now.isFile() &&
      fileKey(now) === fileKey(before) &&
      now.size === before.size &&
      now.mtimeNs === before.mtimeNs
    )
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}
