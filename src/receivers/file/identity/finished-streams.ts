/**
 * Streams whose input ended, remembered for a while: a copy or a compressed form of one may turn up later, and what was
 * read of it is not read again. They are kept in the journal as well (`finished` in their descriptors).
 */
import type { Clock } from '../../../clock.ts'
import type { HeadHash } from './descriptor.ts'
import type { KnownFile } from './known.ts'

/** Milliseconds. */
const rememberedFor = 24 * 60 * 60 * 1_000
const most = 1_000

export class FinishedStreams {
  /** The one that ended first is first. */
  readonly #byId = new Map<string, KnownFile>()
  readonly #clock: Clock
  readonly #forget: (stream: string) => void

  constructor(ended: readonly KnownFile[], clock: Clock, forget: (stream: string) => void) {
    this.#clock = clock
    this.#forget = forget
    for (const stream of [...ended].sort((a, b) => endOf(a) - endOf(b))) this.#byId.set(stream.id, stream)
    this.#prune()
  }

  add(stream: KnownFile): void {
    this.#byId.delete(stream.id)
    this.#byId.set(stream.id, stream)
    this.#prune()
  }

  /** It goes on in another file. */
  remove(id: string): void {
    this.#byId.delete(id)
  }

  /** The names that they had. */
  get paths(): ReadonlySet<string> {
    return new Set([...this.#byId.values()].map(({ descriptor }) => descriptor.path))
  }

  withHead(head: HeadHash): readonly KnownFile[] {
    return [...this.#byId.values()].filter(({ descriptor }) => descriptor.head.sha256 === head.sha256)
  }

  #prune(): void {
    const oldest = this.#clock.now() - rememberedFor
    for (const [id, stream] of this.#byId) {
      if (this.#byId.size <= most && endOf(stream) >= oldest) return
      this.#byId.delete(id)
      this.#forget(id)
    }
  }
}

function endOf({ descriptor }: KnownFile): number {
  return descriptor.finished ?? 0
}
