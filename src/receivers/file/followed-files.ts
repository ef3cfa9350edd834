/**
 * The files of one receiver, by inode and by present name. A name is only how a file is found: rotation takes it
 * away, and the file is read to its end under whatever name it has, before its successor begins.
 */
import { lstat } from 'node:fs/promises'
import type { ByteSource } from './byte-source.ts'
import type { CatchUp } from './catch-up.ts'
import type { FileContext } from './file-context.ts'
import { FollowedFile } from './followed-file.ts'
import { fileKey, statOrNull } from './locate.ts'
import type { Patterns } from './pattern.ts'
import { PlainSource } from './plain-source.ts'
import { Unreadable } from './unreadable.ts'

export interface FollowedFilesOptions {
  readonly context: FileContext
  readonly patterns: Patterns
  readonly catchUp: CatchUp
  /** `start_at: end`, and this receiver has never run before. */
  readonly startAtEnd: boolean
  readonly wake: (file: FollowedFile) => void
  /** A file came or went. */
  readonly counted: () => void
}

export class FollowedFiles {
  readonly unreadable: Unreadable
  readonly #options: FollowedFilesOptions
  readonly #byKey = new Map<string, FollowedFile>()
  /** By present name, whether that matches a pattern or not. */
  readonly #byLocation = new Map<string, FollowedFile>()
  /** Paths being looked at; true = look once more. */
  readonly #looking = new Map<string, boolean>()
  #starting = true
  #stopped = false

  constructor(options: FollowedFilesOptions) {
    this.#options = options
    this.unreadable = new Unreadable(options.context.log)
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

  /** From here on, files that appear are new. */
  started(): void {
    this.#starting = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.all.map((file) => file.close()))
  }

  /** Finds out what a name stands for now. One look at a time for each name; never rejects. */
  async look(path: string): Promise<void> {
    if (this.#stopped) return
    if (this.#looking.has(path)) {
      this.#looking.set(path, true)
      return
    }
    do {
      this.#looking.set(path, false)
      try {
        await this.#look(path)
        this.unreadable.worked(path)
      } catch (error) {
        this.unreadable.failed(path, error)
        this.#options.counted()
      }
    } while (this.#looking.get(path) && !this.#stopped)
    this.#looking.delete(path)
  }

  /** Follows a file that has lost its name `origin` before the start. */
  async adopt(location: string, origin: string): Promise<void> {
    const { context } = this.#options
    const source = await PlainSource.open(location)
    const { ino } = await source.stat()
    const file = (await context.known.recognises(ino, source)) ? await this.#follow(source, origin) : null
    if (!file) return await source.close()
    file.location = location
    file.displaced = true
    this.#byLocation.set(location, file)
    const successor = this.#byLocation.get(origin)
    if (successor && successor !== file) this.#queue(successor, file)
  }

  /** Its location holds another file, or none. */
  async lost(file: FollowedFile, location: string): Promise<void> {
    // A faster rotation may have given that name to another file that we follow: then only this one is to be found.
    if (this.#byLocation.get(location) === file) await this.look(location)
    else await this.#displace(file, location)
  }

  /** Its content is read and its last name gone. */
  async retire(file: FollowedFile): Promise<void> {
    this.#byKey.delete(file.found.key)
    if (file.location !== null) this.#unname(file, file.location)
    await file.close()
    this.#options.counted()
    const stream = file.stream?.id ?? file.previous
    if (stream) this.#options.context.forget(stream)
    this.#options.context.log.info({ path: file.path, stream }, 'this file is gone and was read to its end')
  }

  async #look(path: string): Promise<void> {
    const { patterns, wake } = this.#options
    const current = this.#byLocation.get(path)
    const matches = patterns.matches(path)
    if (!current && !matches) return
    const stats = await statOrNull(path)
    const key = stats?.isFile() ? fileKey(stats) : null
    if (current && key === current.found.key) return wake(current)
    if (current) await this.#displace(current, path)
    if (key === null || !matches) return
    const same = this.#byKey.get(key)
    if (same) return await this.#rename(same, path)
    const source = await PlainSource.open(path)
    const file = await this.#follow(source, path)
    if (!file) return await source.close()
    this.#byLocation.set(path, file)
    if (current) this.#queue(file, current)
    wake(file)
  }

  /** Null when the source is no file, or one that is followed already. */
  async #follow(source: ByteSource, path: string): Promise<FollowedFile | null> {
    const { context, catchUp, startAtEnd, counted } = this.#options
    const stats = await source.stat()
    const key = fileKey(stats)
    if (!stats.isFile()) return null
    const { dev: device, ino: inode, size } = stats
    const linked = (await lstat(path).catch(() => null))?.isSymbolicLink() ?? false
    // While that was asked, another look may have been faster.
    if (this.#byKey.has(key) || this.#stopped) return null
    const found = { key, device, inode, source, path, linked, size: Number(size) }
    const file = new FollowedFile(found, startAtEnd && this.#starting, context)
    this.#byKey.set(key, file)
    catchUp.add(file)
    counted()
    return file
  }

  #queue(file: FollowedFile, after: FollowedFile): void {
    file.predecessor = after
    after.successor = file
  }

  /** `path` no longer stands for `file`: where is it now? */
  async #displace(file: FollowedFile, path: string): Promise<void> {
    this.#unname(file, path)
    const location = await file.found.source.locate(path)
    // Whatever was written until its name went must be read before its successor begins.
    file.atEnd = false
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
    this.#byLocation.set(location, file)
    if (file.location !== location) file.descriptorChanged = file.stream !== null
    file.location = location
    if (this.#options.patterns.matches(location)) file.path = location
  }

  #unname(file: FollowedFile, location: string): void {
    if (this.#byLocation.get(location) === file) this.#byLocation.delete(location)
  }
}
