/** Finds the copy that a rotation has made of a file, to read from it what is gone from the file itself. */
import { basename, dirname, extname } from 'node:path'
import type { FileContext } from '../file-context.ts'
import { begunSince, followBetween } from '../finding/between.ts'
import type { FollowedFiles } from '../finding/followed-files.ts'
import { fileKey } from '../finding/locate.ts'
import { isNamedAsCopy } from '../finding/rotated-names.ts'
import { type Sibling, siblingsOf } from '../finding/siblings.ts'
import { untilStill } from '../finding/stillness.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { GzipSource } from '../source/gzip-source.ts'
import type { KnownFile } from './known.ts'
import { contentOf, contentOfKnown } from './relatives.ts'
import { type Content, holdsSame, isBeginningOf } from './same-content.ts'

/** Files in a directory that are opened to compare them, the newest first. */
const most = 200
/** Looks for one copy, while others look beside it. */
const searches = 4

export class Copies {
  readonly #files: FollowedFiles
  readonly #context: FileContext

  constructor(files: FollowedFiles, context: FileContext) {
    this.#files = files
    this.#context = context
  }

  /** The file that has this name, or had it last. */
  nameHolder(path: string): FollowedFile | undefined {
    return this.#files.holderOf(path)
  }

  /** A file that was held back because it may be this one's copy, and is one now that all of this is read. */
  async heldFor(original: FollowedFile): Promise<FollowedFile | null> {
    const held = this.#files.all.filter((file) => file.held?.original === original)
    // The newest, and one that still grows or is read as it is rather than a compressed one.
    held.sort(
      (a, b) => Number(a.gzip !== null) - Number(b.gzip !== null) || Number(b.found.born - a.found.born),
    )
    for (const file of held) {
      const same = await isCopy(file.found.source, contentOf(original), true).catch(() => false)
      if (same && !file.stream && !file.reserved && !file.closed) return reserve(file)
    }
    return null
  }

  /**
   * A file that holds what was read from the stream, and is not read itself: followed from now on, still without a
   * stream. Looked for among what matches the patterns, and beside `path` among files whose names begin alike.
   */
  async of(path: string, stream: FollowedFile | KnownFile): Promise<FollowedFile | null> {
    const content: Content = 'lines' in stream ? contentOf(stream) : contentOfKnown(stream)
    const names = namesOf(path, stream)
    if (content.checks.offset <= content.head.length) {
      // All that is known is how it began, which generations before it may have, too: the newest one is its copy.
      const newest = await this.#beside(path, names, content, targetOf(stream))
      if (newest) return newest
    }
    const held = 'lines' in stream ? await this.heldFor(stream) : null
    if (held) return held
    for (let attempt = 0; attempt < searches; attempt += 1) {
      const followed = new Set(this.#files.all)
      const copy =
        (await this.#among(followed, path, stream, content)) ??
        (await this.#beside(path, names, content, targetOf(stream)))
      if (copy) return copy
      // Whoever looked for something else at the same time may have come to follow it first.
      if (this.#files.all.every((file) => followed.has(file))) break
    }
    return null
  }

  async #among(
    files: Iterable<FollowedFile>,
    path: string,
    stream: FollowedFile | KnownFile,
    content: Content,
  ): Promise<FollowedFile | null> {
    for (const file of files) {
      if (file === stream || file.stream || file.ignored || file.closed) continue
      const likely = file.location !== null && isNamedAsCopy(file.location, path)
      if (!(await isCopy(file.found.source, content, likely).catch(() => false))) continue
      // It may have become a stream of its own meanwhile.
      if (!file.stream) return reserve(file)
    }
    return null
  }

  /**
   * Copies of generations that came and went between `original`'s present one and the one before, in their order. The
   * file waits for them, and they for `before`. What the file begins with now is a copy of that, and no such one.
   */
  async between(original: FollowedFile, before: FollowedFile | null): Promise<readonly FollowedFile[]> {
    return await followBetween(this.#files, this.#context, {
      origin: original.path,
      older: before,
      when: begunSince(original.since),
      wanted: async (source) => !(await isBeginningOf(source, original.found.source)),
    })
  }

  /** The file, if it is followed and not read: it is held back, or somebody else has just found it. */
  async #unread(
    { stats }: Sibling,
    wanted: (source: ByteSource) => Promise<boolean>,
  ): Promise<FollowedFile | null> {
    const file = this.#files.withKey(fileKey(stats))
    const isUnread = () => file && !file.stream && !file.reserved && !file.ignored && !file.closed
    if (!file || !isUnread() || !(await wanted(file.found.source).catch(() => false))) return null
    return isUnread() ? file : null
  }

  async #beside(
    path: string,
    names: readonly string[],
    content: Content,
    target: string | null,
  ): Promise<FollowedFile | null> {
    for (const name of names) {
      const file = await this.#besideName(path, name, content, target)
      if (file) return file
    }
    return null
  }

  /** `name`: `path`, or where the file of that name lay. */
  async #besideName(
    path: string,
    name: string,
    content: Content,
    target: string | null,
  ): Promise<FollowedFile | null> {
    const stem = basename(name, extname(name))
    let copy: FollowedFile | null = null
    await untilStill(
      [dirname(name)],
      { clock: this.#context.clock, signal: this.#context.closing },
      async () => {
        const siblings = await siblingsOf(
          name,
          [],
          (candidate) => dirname(candidate) === dirname(name) && basename(candidate).startsWith(stem),
        )
        const newest = [...siblings].sort((a, b) => Number(b.stats.mtimeNs - a.stats.mtimeNs)).slice(0, most)
        for (const sibling of newest) {
          const wanted = (source: ByteSource) => isCopy(source, content, isNamedAsCopy(sibling.path, name))
          // One that cannot be opened is no reason not to find another.
          const file = await this.#files.followIf(sibling.path, path, wanted, { target }).catch(() => null)
          copy = reserve(file ?? (await this.#unread(sibling, wanted)))
          if (copy) return 'none'
        }
        return 'nothing new'
      },
    )
    return copy
  }
}

/** Where the link led by which the stream's file was found. */
function targetOf(stream: FollowedFile | KnownFile): string | null {
  return 'lines' in stream ? stream.found.target : (stream.descriptor.target ?? null)
}

/** Where copies of a stream's file lie: beside its name, where that led if it is a link, where it was moved to. */
function namesOf(path: string, stream: FollowedFile | KnownFile): readonly string[] {
  const moved = 'lines' in stream ? undefined : stream.descriptor.moved
  return [...new Set([path, targetOf(stream), moved].filter((name) => typeof name === 'string'))]
}

/** What is still being compressed is none yet: nobody knows what it is going to hold, and what it is made from is still there. */
async function isCopy(source: ByteSource, content: Content, likely: boolean): Promise<boolean> {
  if (!(await holdsSame(source, content, likely))) return false
  return !(source instanceof GzipSource) || source.complete || source.fault !== null
}

function reserve(file: FollowedFile | null): FollowedFile | null {
  if (file) file.reserved = true
  return file
}
