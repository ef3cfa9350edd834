/**
 * Whether a file that nobody knows yet is a copy of one that is read, or was: what copytruncate and compression make.
 *
 * Ambiguous is a file that holds exactly what another one held so far. It is held back until the other one is truncated
 * or gone (then it is the copy, and only what was not read is read), or the grace has passed (then it is its own).
 */

import { isNamedAsCopy } from '../finding/rotated-names.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { PositionChecks } from '../reading/position-checks.ts'
import type { FinishedStreams } from './finished-streams.ts'
import type { Head } from './head.ts'
import type { KnownFile, KnownFiles } from './known.ts'
import { type Content, holdsSame } from './same-content.ts'

const nanoseconds = 1_000_000n
/** Looks for one relative, while streams end and others begin beside it. */
const searches = 4

export type Relative =
  | { readonly kind: 'live'; readonly original: FollowedFile }
  | { readonly kind: 'finished'; readonly stream: KnownFile }

export function contentOf(file: FollowedFile): Content {
  return { head: file.head, checks: file.lines.checks, source: file.found.source }
}

export function contentOfKnown({ descriptor, position }: KnownFile): Content {
  const checks = new PositionChecks()
  checks.seek(position.offset, position.check)
  return { head: descriptor.head, checks }
}

export class Relatives {
  readonly #finished: FinishedStreams
  readonly #known: KnownFiles
  /** Files being read, by the hash of their heads. What has left since is noticed when asked. */
  readonly #byHead = new Map<string, Set<FollowedFile>>()

  /** `known` still wait for their files. */
  constructor(finished: FinishedStreams, known: KnownFiles) {
    this.#finished = finished
    this.#known = known
  }

  /** The file is read as the stream that it has now. */
  add(file: FollowedFile): void {
    const { sha256 } = file.head
    const same = this.#byHead.get(sha256)
    if (same) same.add(file)
    else this.#byHead.set(sha256, new Set([file]))
  }

  /** It is not read any more. */
  remove(file: FollowedFile): void {
    const same = this.#byHead.get(file.head.sha256)
    same?.delete(file)
    if (same?.size === 0) this.#byHead.delete(file.head.sha256)
  }

  /** Whether something with this head is, or was, read: then it matters what else the file holds. */
  hasHead(file: FollowedFile, head: Head): boolean {
    const read = [this.#live(file, head), this.#finished.withHead(head), this.#known.withHead(head)]
    return read.some(({ length }) => length > 0)
  }

  async of(file: FollowedFile, head: Head): Promise<Relative | null> {
    for (let search = 1; ; search += 1) {
      const live = this.#live(file, head)
      const streams = live.map(({ stream }) => stream)
      const relative = await this.#among(live, file, head)
      if (relative || search === searches) return relative
      // What ended meanwhile, and began again, was held against nothing; and its stream may go on in another file.
      const now = this.#live(file, head)
      if (now.length === live.length && now.every(({ stream }, i) => stream === streams[i])) return null
    }
  }

  async #among(live: readonly FollowedFile[], file: FollowedFile, head: Head): Promise<Relative | null> {
    for (const original of live) {
      // Truncated before anything behind its head was read, only the name says whose copy this is.
      const likely = file.location !== null && isNamedAsCopy(file.location, original.path)
      if (await holdsSame(file.found.source, contentOf(original), likely)) return { kind: 'live', original }
    }
    // What cannot be reached is here as well.
    for (const stream of this.#known.withHead(head)) {
      if (await holdsSame(file.found.source, contentOfKnown(stream))) return { kind: 'finished', stream }
    }
    for (const stream of this.#finished.withHead(head)) {
      if (!file.gzip && !couldBeCopy(file, stream)) continue
      if (await holdsSame(file.found.source, contentOfKnown(stream))) return { kind: 'finished', stream }
    }
    return null
  }

  #live(file: FollowedFile, head: Head): readonly FollowedFile[] {
    return [...(this.#byHead.get(head.sha256) ?? [])].filter((other) => {
      if (other === file || other.closed) return false
      // Both were there before the agent ever ran: nothing of either was read. A compressed form is none the less one.
      return file.gzip || other.gzip || !(file.atStart && other.atStart && other.resumedAt === null)
    })
  }
}

/** A file is no copy of one that had ended before it was created, nor of what it held itself. */
function couldBeCopy(file: FollowedFile, { descriptor }: KnownFile): boolean {
  if (String(file.found.inode) === descriptor.inode) return false
  return file.found.born <= BigInt(Math.ceil(descriptor.finished ?? 0)) * nanoseconds
}
