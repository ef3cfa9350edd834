/**
 * Which files had a name one after the other. Whatever came and went at it while nobody looked is read before what has
 * it now: after the file that had it last where that is known, and otherwise if it was begun, or written to, lately.
 */
import type { BigIntStats } from 'node:fs'
import { dirname } from 'node:path'
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { type Between, begunSince, followBetween, writtenUnseen } from './between.ts'
import type { FollowedFiles } from './followed-files.ts'
import { findInodes, statOrNull } from './locate.ts'
import { looksOf, type OldFile } from './old-files.ts'
import { newestOf } from './put-in-order.ts'

/**
 * Milliseconds. A name that is new was looked for that long ago at the latest. Whatever ended since then is still known,
 * should it be met again.
 */
const lately = 10 * 60_000

interface Vacancy {
  /** What had the name last. */
  last: FollowedFile | null
  /** Unix milliseconds: whatever was begun since may have had it. */
  readonly since: number
}

export class Succession {
  readonly #files: FollowedFiles
  readonly #context: FileContext
  /** Unix milliseconds. */
  readonly #startedAt: number
  /** Names whose file was renamed or deleted, until another one is met there. */
  readonly #vacant = new Map<string, Vacancy>()

  constructor(files: FollowedFiles, context: FileContext) {
    this.#files = files
    this.#context = context
    this.#startedAt = context.clock.now()
  }

  /** The file that had this name until a moment ago. */
  lastAt(path: string): FollowedFile | undefined {
    return this.#vacant.get(path)?.last ?? undefined
  }

  /** `file` had this name, and what is met there next comes after it. */
  vacated(path: string, file: FollowedFile): void {
    this.#vacant.set(path, { last: newestOf(file), since: file.since })
  }

  retired(file: FollowedFile): void {
    if (this.#vacant.get(file.path)?.last === file) this.#vacant.delete(file.path)
  }

  /** Nothing has the name now: what had it since the last one? */
  async lookBehind(path: string): Promise<void> {
    const vacancy = this.#vacant.get(path)
    if (!vacancy) return
    const { last, since } = vacancy
    const between = await this.#between({ origin: path, older: last, when: begunSince(since) })
    vacancy.last = between.at(-1) ?? (last && newestOf(last))
  }

  /** `file` has the name now, and was not known. It does not begin before it is known what comes first. */
  async met(file: FollowedFile, path: string): Promise<void> {
    const vacancy = this.#vacant.get(path)
    this.#vacant.delete(path)
    const when = vacancy ? begunSince(vacancy.since) : this.#isNew
    file.unplaced = true
    try {
      // Only now: whatever is renamed away from here on was begun after this file was met.
      const between = await this.#between({ origin: path, older: vacancy?.last ?? null, when })
      const before = between.at(-1) ?? (vacancy?.last && newestOf(vacancy.last))
      if (before) this.#files.order(file, before)
    } finally {
      file.unplaced = false
    }
  }

  /** What was there at the start, and is no stream that was known, may have taken the name from one that was not either. */
  async begin(): Promise<void> {
    if (this.#context.seenUntil === undefined) return
    const unknown = this.#files.all.filter(({ stream, predecessor, location, path }) => {
      // Where the name went from one to the next in the middle of the start, another one may have had it between the two.
      return stream === null && location === path && (predecessor === null || this.#vacant.has(path))
    })
    await Promise.all([
      ...unknown.map((file) => this.met(file, file.path)),
      ...this.#endedNames().map((path) => this.#lookBehindEnded(path)),
    ])
  }

  /** Names that nothing has now, and whose last stream had ended before the start. */
  #endedNames(): readonly string[] {
    const { finished, patterns } = this.#context
    return [...finished.paths].filter((path) => patterns.matches(path) && !this.#files.holderOf(path))
  }

  /** What had the name since may have been rotated away, too; whatever has it next may be long in coming. */
  async #lookBehindEnded(path: string): Promise<void> {
    const between = await this.#between({ origin: path, older: null, when: this.#isNew })
    const last = between.at(-1)
    if (last) this.#files.precede(path, last)
  }

  /** What is at `path` now is not the old file that was left alone there. */
  async lostOld(path: string, stats: BigIntStats | null): Promise<void> {
    const { oldFiles } = this.#context
    const old = oldFiles.lost(path, stats)
    if (!old) return
    const file = await this.#findOld(old)
    if (this.#context.patterns.matches(path)) this.#vacant.set(path, { last: file, since: old.since })
  }

  /** An old file that was renamed as it was, to a name that matches nothing: has it changed there, or gone on? */
  async lookAtOld(path: string): Promise<void> {
    const stats = await statOrNull(path)
    const old = this.#context.oldFiles.lost(path, stats) ?? this.#context.oldFiles.changed(path, stats)
    if (old) await this.#findOld(old)
  }

  /** Follows it if it has changed; otherwise it is left alone under its new name, too. */
  async #findOld(old: OldFile): Promise<FollowedFile | null> {
    const { oldFiles, patterns, wake } = this.#context
    const { path, origin, target } = old
    for (const directory of new Set([path, origin, target ?? path].map((name) => dirname(name)))) {
      const location = (await findInodes(directory, (key) => key === old.key)).get(old.key)
      const stats = location === undefined ? null : await statOrNull(location)
      if (location === undefined || !stats) continue
      if (looksOf(stats) === old.looks) {
        if (!patterns.matches(location)) oldFiles.movedTo(location, old)
        return null
      }
      const file = await this.#files.followIf(location, origin, async () => true, { target })
      if (file) wake(file)
      return file
    }
    return null
  }

  /** Of a name that is new: begun while this runs, or written to since something ran last. */
  get #isNew(): Between['when'] {
    const { clock, seenUntil } = this.#context
    const recent = clock.now() - lately
    const begun = begunSince(Math.max(this.#startedAt, recent))
    if (seenUntil === undefined || this.#startedAt < recent) return begun
    // What had the name at the start may have been renamed before it was opened, and been written to until then.
    const written = writtenUnseen(seenUntil)
    return (stats) => begun(stats) || written(stats)
  }

  async #between(between: Between): Promise<readonly FollowedFile[]> {
    return await followBetween(this.#files, this.#context, between)
  }
}
