/**
 * Copies that a rotation leaves beside a followed file, under names that match no pattern. Mostly they hold what was
 * read of the file, and nothing is to be done. But between the moment in which a file was met and its first look, a
 * generation of it may have been written, copied and truncated: then the copy is all there is of that. What the run
 * before did not come to look at is looked at after the start.
 */
import { basename, dirname, join } from 'node:path'
import { abortable } from '../../../clock.ts'
import type { FileContext } from '../file-context.ts'
import { contentOf } from '../identity/relatives.ts'
import { holdsSame, startAlike } from '../identity/same-content.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { begunSince, followBetween, writtenUnseen } from './between.ts'
import type { FollowedFiles } from './followed-files.ts'
import { fileKey } from './locate.ts'
import { originsOf } from './rotated-names.ts'
import { regularFiles } from './siblings.ts'

/** Milliseconds that a rotation has, to copy and truncate, before what it left is looked at; then once more. */
const waits = [100, 1_000]
const tick = 50

export interface BesideOptions {
  readonly files: FollowedFiles
  readonly context: FileContext
  readonly signal: AbortSignal
}

export class Beside {
  readonly #options: BesideOptions
  /** Monotonic milliseconds at which each is due, soonest first. */
  readonly #due = new Map<FollowedFile, number[]>()
  /** Settles when there is something due. */
  #notice = Promise.withResolvers<void>()
  /** Unix milliseconds. */
  readonly #startedAt: number

  constructor(options: BesideOptions) {
    this.#options = options
    this.#startedAt = options.context.clock.now()
  }

  /** Something came, went or was renamed at this path. */
  noticed(path: string): void {
    const { files } = this.#options
    const { patterns, clock } = this.#options.context
    if (patterns.matches(path)) return
    const now = clock.monotonic()
    for (const origin of originsOf(path)) {
      const file = files.holderOf(origin)
      if (file) this.#lookLater(file, now)
    }
  }

  /** A generation of the file may have come and gone. */
  suspects(file: FollowedFile): void {
    this.#lookLater(file, this.#options.context.clock.monotonic())
  }

  #lookLater(file: FollowedFile, now: number): void {
    this.#due.set(
      file,
      waits.map((wait) => now + wait),
    )
    this.#notice.resolve()
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.#options
    const { clock } = this.#options.context
    await this.#lookBehindStart()
    while (!signal.aborted) {
      if (this.#due.size === 0) {
        this.#notice = Promise.withResolvers<void>()
        await abortable(this.#notice.promise, signal).catch(() => {})
        continue
      }
      await clock.sleep(tick, signal).catch(() => {})
      const now = clock.monotonic()
      for (const [file, due] of this.#due) {
        if (signal.aborted) return
        if (due[0] === undefined || file.closed) this.#due.delete(file)
        else if (due[0] <= now) {
          due.shift()
          await this.#look(file)
        }
      }
    }
  }

  /** Of files that go on as they were: what is beside the others is looked for when they are met, or their streams end. */
  async #lookBehindStart(): Promise<void> {
    const { files, signal } = this.#options
    const { seenUntil, listings } = this.#options.context
    if (seenUntil === undefined) return
    const when = writtenUnseen(seenUntil, this.#startedAt)
    for (const file of files.all) {
      if (signal.aborted) return
      if (file.resumedAt === null || file.truncated) continue
      const { path, found } = file
      const name = found.target ?? path
      const made = (await listings.of(dirname(name))).get(basename(name)) ?? []
      const rotated = await regularFiles(made.map((other) => join(dirname(name), other)))
      if (rotated.some(({ stats }) => when(stats) && !files.has(fileKey(stats)))) await this.#look(file, when)
    }
  }

  /** What holds the same as the file does, or did when it was read, is no news. */
  async #look(file: FollowedFile, when = begunSince(file.since)): Promise<void> {
    const { files, context } = this.#options
    // If it was renamed, and nobody has noticed yet: then what is beside it has its place in an order.
    await files.look(file.path)
    if (files.at(file.path) !== file) return
    await followBetween(files, context, {
      origin: file.path,
      older: null,
      when,
      wanted: async (source) => {
        if (await startAlike(source, file.found.source)) return false
        return file.stream === null || !(await holdsSame(source, contentOf(file), true))
      },
    })
  }
}
