/**
 * The files of one receiver, by inode and by present name. A name is only how a file is found: rotation takes it
 * away, and the file is read to its end under whatever name it has, before its successor begins.
 */
import type { FileContext } from '../file-context.ts'
import { endFile } from '../identity/endings.ts'
import type { CatchUp } from '../reading/catch-up.ts'
import { FollowedFile } from '../reading/followed-file.ts'
import type { FoundFile } from '../reading/found-file.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { openSource } from '../source/open-source.ts'
import { fileKey, isFound, statOrNull, statWithLink, targetOf } from './locate.ts'
import type { Patterns } from './pattern.ts'
import { beginning } from './siblings.ts'
import { Succession } from './succession.ts'
import { SpecialFileError, Unreadable } from './unreadable.ts'

export interface FollowedFilesOptions {
  readonly context: FileContext
  readonly patterns: Patterns
  readonly catchUp: CatchUp
  /** `start_at: end`, and this receiver has never run before. */
  readonly startAtEnd: boolean
  readonly wake: (file: FollowedFile) => void
  /** A file came or went. */
  readonly counted: () => void
  /** A matching name was gone before it could be looked at. */
  readonly missed: () => void
}

interface Look {
  /** Once more, for what has changed since it began. */
  again: boolean
  ended: Promise<void>
}

export class FollowedFiles {
  readonly unreadable: Unreadable
  readonly #options: FollowedFilesOptions
  readonly #byKey = new Map<string, FollowedFile>()
  /** By present name, whether that matches a pattern or not. */
  readonly #byLocation = new Map<string, FollowedFile>()
  /** Looks that go on, by path. */
  readonly #looking = new Map<string, Look>()
  readonly #retiring = new WeakSet<FollowedFile>()
  readonly #succession: Succession
  #starting = true
  #stopped = false

  constructor(options: FollowedFilesOptions) {
    this.#options = options
    this.unreadable = new Unreadable(options.context.log)
    this.#succession = new Succession(this, options.context)
  }

  get all(): readonly FollowedFile[] {
    return [...this.#byKey.values()]
  }

  get size(): number {
    return this.#byKey.size
  }

  at(location: string): FollowedFile | undefined {
    return this.#byLocation.get(location)
  }

  /** The file that has this name, or had it until a moment ago. */
  holderOf(path: string): FollowedFile | undefined {
    return this.#byLocation.get(path) ?? this.#succession.lastAt(path)
  }

  /** Call once all that is known is found again. From here on, files that appear are new. */
  async started(): Promise<void> {
    await this.#succession.begin()
    this.#starting = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.all.map((file) => file.close()))
  }

  /** Finds out what a name stands for now. One look at a time for each name, that is shared; never rejects. */
  async look(path: string): Promise<void> {
    if (this.#stopped) return
    const begun = this.#looking.get(path)
    if (begun) {
      begun.again = true
      return await begun.ended
    }
    const look = { again: true, ended: Promise.resolve() }
    this.#looking.set(path, look)
    look.ended = this.#lookOnAndOn(path, look)
    await look.ended
  }

  async #lookOnAndOn(path: string, look: Look): Promise<void> {
    while (look.again && !this.#stopped) {
      look.again = false
      try {
        await this.#look(path)
        this.unreadable.worked(path)
      } catch (error) {
        this.unreadable.failed(path, error)
        this.#options.counted()
      }
    }
    this.#looking.delete(path)
  }

  /**
   * Follows a file that has lost its name `origin`, or is a copy of the one that had it; only if `wanted` wants it, and
   * nobody follows it. It has no part in the order in which files are read. `target`: where `origin` led, if it is a link;
   * `unplaced`: it waits until its place in the order is known.
   */
  async followIf(
    location: string,
    origin: string,
    wanted: (source: ByteSource) => Promise<boolean>,
    { target = null, unplaced = false }: { target?: string | null; unplaced?: boolean } = {},
  ): Promise<FollowedFile | null> {
    const since = this.#options.context.clock.now()
    const holder = this.#byLocation.get(location)
    if (holder) {
      const stats = await statOrNull(location)
      if (!stats || isFound(holder.found, stats)) return null
      // Names move on faster than anyone hears of it: that file has another one by now.
      await this.#displace(holder, location)
    }
    const linked = (await statWithLink(location))?.linked ?? false
    const source = await openSource(this.#options.context.openFiles, location)
    let file: FollowedFile | null = null
    try {
      if (!this.#byKey.has(fileKey(await source.stat())) && (await wanted(source))) {
        file = await this.#follow(source, location, { linked, target, since, unplaced })
      }
    } finally {
      if (!file) await source.close()
    }
    if (!file) return null
    file.displaced = !this.#options.patterns.matches(location)
    if (file.displaced) file.path = origin
    this.#byLocation.set(location, file)
    return file
  }

  /** Follows a file that has lost its name `origin` before the start. */
  async adopt(location: string, origin: string, target: string | null): Promise<FollowedFile | null> {
    const { known } = this.#options.context
    const wanted = async (source: ByteSource) => known.recognises((await source.stat()).ino, source)
    return await this.followIf(location, origin, wanted, { target })
  }

  /** Whether a file with this device and inode is followed. */
  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  withKey(key: string): FollowedFile | undefined {
    return this.#byKey.get(key)
  }

  /** `file` is read once `before` is drained. */
  order(file: FollowedFile, before: FollowedFile): void {
    file.predecessor = before
    before.successor = file
  }

  /** What has that name now, or is met there next, is read after `before`. */
  precede(origin: string, before: FollowedFile): void {
    const file = this.#byLocation.get(origin)
    if (file && file !== before) this.order(file, before)
    else if (!file) this.#succession.vacated(origin, before)
  }

  /** Its location holds another file, or none. */
  async lost(file: FollowedFile, location: string): Promise<void> {
    // A faster rotation may have given that name to another file that we follow: then only this one is to be found.
    if (this.#byLocation.get(location) === file) await this.look(location)
    else await this.#displace(file, location)
  }

  /** Its last name is gone, and so is what of its content was not read. Resolves once that is on record. */
  async retire(file: FollowedFile): Promise<void> {
    if (this.#retiring.has(file)) return
    this.#retiring.add(file)
    try {
      await endFile(file, this.#options.context)
    } catch (error) {
      this.#retiring.delete(file)
      throw error
    }
    this.#byKey.delete(file.found.key)
    this.#succession.retired(file)
    if (file.location !== null) this.#unname(file, file.location)
    await file.close()
    this.#options.context.claims.releaseFile(file.found, this.#options.context.receiver)
    this.#options.counted()
  }

  async #look(path: string): Promise<void> {
    const { context, patterns, wake } = this.#options
    const matches = patterns.matches(path)
    if (!this.#byLocation.has(path) && !matches) {
      return context.oldFiles.has(path) ? await this.#succession.lookAtOld(path) : undefined
    }
    const since = context.clock.now()
    const { stats = null, linked = false } = (await statWithLink(path)) ?? {}
    const key = stats?.isFile() ? fileKey(stats) : null
    const named = key === null ? undefined : this.#byKey.get(key)
    // Its inode was given away while it had no descriptor: it is gone, and this is another file.
    if (named && stats && !isFound(named.found, stats)) await this.retire(named)
    const current = this.#byLocation.get(path)
    if (current && key === current.found.key) return wake(current)
    if (current) {
      await this.#displace(current, path)
      if (matches) this.#succession.vacated(path, current)
      // Names move on: what came after this one had the name that it had at first.
      else void this.look(current.path)
    }
    await this.#succession.lostOld(path, stats)
    if (matches && stats && !stats.isFile() && !stats.isDirectory()) throw new SpecialFileError(stats)
    if (key === null || !matches || !stats) {
      if (!current && stats === null) this.#options.missed()
      return await this.#succession.lookBehind(path)
    }
    const same = this.#byKey.get(key)
    if (same) return await this.#rename(same, path)
    // What was read before is gone on with, however old it is.
    const expected = context.known.expects(stats.ino)
    if (!current && !expected && context.oldFiles.ignores(path, stats, await targetOf(path, linked))) {
      return this.#options.counted()
    }
    const source = await openSource(context.openFiles, path)
    const target = await targetOf(path, linked)
    const file = await this.#follow(source, path, { linked, target, since, unplaced: !this.#starting })
    if (!file) return await source.close()
    try {
      // It may have been renamed before it could be opened.
      if (context.oldFiles.has(path)) await this.#succession.lostOld(path, await source.stat())
      context.oldFiles.followed(path)
      this.#byLocation.set(path, file)
      if (!this.#starting) await this.#succession.met(file, path)
    } finally {
      file.unplaced = false
      wake(file)
    }
  }

  /**
   * Null when the source is no file, or one that is followed already. `since`: unix milliseconds, before it was opened: what
   * took its name after that was begun later.
   */
  async #follow(
    source: ByteSource,
    path: string,
    { since, unplaced, ...name }: Pick<FoundFile, 'linked' | 'target'> & { since: number; unplaced: boolean },
  ): Promise<FollowedFile | null> {
    const { context, catchUp, startAtEnd, counted } = this.#options
    const stats = await source.stat()
    const key = fileKey(stats)
    if (!stats.isFile()) return null
    const { dev: device, ino: inode, size, birthtimeNs: born, mtimeNs: written } = stats
    const begun = beginning(stats)
    // While that was asked, another look may have been faster.
    if (this.#byKey.has(key) || this.#stopped) return null
    const found = { key, device, inode, source, path, ...name, size: Number(size), born, begun, written }
    const atStart = this.#starting
    const file = new FollowedFile(found, { atStart, startAtEnd: startAtEnd && atStart, since }, context)
    file.unplaced = unplaced
    this.#byKey.set(key, file)
    catchUp.add(file)
    counted()
    return file
  }

  /** `path` no longer stands for `file`: where is it now? */
  async #displace(file: FollowedFile, path: string): Promise<void> {
    this.#unname(file, path)
    const { source, target } = file.found
    const location = (await source.locate(path)) ?? (target && (await source.locate(target)))
    // Whatever was written until its name went must be read before its successor begins.
    file.expectMore()
    if (location !== null) this.#name(file, location)
    else if (file.location === path) file.location = null
    file.displaced = file.location === null || !this.#options.patterns.matches(file.location)
    this.#options.wake(file)
  }

  /** A file that we follow has turned up under a matching name. */
  async #rename(file: FollowedFile, path: string): Promise<void> {
    if (file.location !== null && file.location !== path) {
      const stats = await statOrNull(file.location)
      // Two names for one file (a link): it is read once, under the first.
      if (stats && fileKey(stats) === file.found.key) return
      this.#unname(file, file.location)
    }
    this.#name(file, path)
    file.displaced = false
    file.finishing = false
    this.#options.wake(file)
  }

  #name(file: FollowedFile, location: string): void {
    // A name that it no longer has must not count as followed, or nobody would look who has it now.
    if (file.location !== null && file.location !== location) this.#unname(file, file.location)
    this.#byLocation.set(location, file)
    if (file.location !== location) file.descriptorChanged = file.stream !== null
    file.location = location
    if (this.#options.patterns.matches(location)) file.path = location
  }

  #unname(file: FollowedFile, location: string): void {
    if (this.#byLocation.get(location) === file) this.#byLocation.delete(location)
  }
}
