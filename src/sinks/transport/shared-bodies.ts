/**
 * What several sinks would encode alike is encoded once: two that compress the same batch in the same way, as when
 * everything goes to two buckets. Bounded in bytes, and in time by who is still to come: a sink that is far behind
 * encodes for itself, and one that is away keeps nothing.
 */
import type { DeliveryBatch } from '../sink.ts'

/**
 * `encode`'s result, or what another sink's `encode` made of the same events. Nobody may write to it; so it must not be
 * the batch's own lines, whose buffer is used again.
 */
export type ShareBody = (batch: DeliveryBatch, encode: () => Promise<Buffer>) => Promise<Buffer>

/** For a sink that has nobody to share with. */
export const unshared: ShareBody = (_, encode) => encode()

interface Kept {
  readonly batch: Pick<DeliveryBatch, 'origin' | 'partition' | 'seqs'>
  readonly body: Promise<Buffer>
  /** 0 until it is there. */
  bytes: number
  /** How many sinks are still to come. */
  awaited: number
}

const mostBytes = 8 * 1024 ** 2

export class SharedBodies {
  readonly #maxBytes: number
  /** How many sinks encode in each way. */
  readonly #sinks = new Map<string, number>()
  /** The one that was begun first in front. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(maxBytes = mostBytes) {
    this.#maxBytes = maxBytes
  }

  /** `way`: everything that a body depends on beside the events and their partition. */
  join(way: string): ShareBody {
    this.#sinks.set(way, (this.#sinks.get(way) ?? 0) + 1)
    return (batch, encode) => this.#share(way, batch, encode)
  }

  #share(way: string, batch: DeliveryBatch, encode: () => Promise<Buffer>): Promise<Buffer> {
    const others = (this.#sinks.get(way) ?? 1) - 1
    if (others === 0) return encode()
    const key = `${way} ${batch.key}`
    const found = this.#kept.get(key)
    if (found !== undefined && isSame(found.batch, batch)) {
      found.awaited--
      if (found.awaited === 0) this.#drop(key, found)
      return found.body
    }
    const body = encode()
    const { origin, partition, seqs } = batch
    const kept: Kept = { batch: { origin, partition, seqs }, body, bytes: 0, awaited: others }
    if (found !== undefined) this.#drop(key, found)
    this.#kept.set(key, kept)
    body.then(
      ({ length }) => this.#arrived(key, kept, length),
      () => this.#drop(key, kept),
    )
    return body
  }

  #arrived(key: string, kept: Kept, bytes: number): void {
    if (this.#kept.get(key) !== kept) return
    kept.bytes = bytes
    this.#bytes += bytes
    for (const [oldest, each] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) break
      if (each.bytes > 0) this.#drop(oldest, each)
    }
  }

  #drop(key: string, kept: Kept): void {
    if (this.#kept.get(key) !== kept) return
    this.#kept.delete(key)
    this.#bytes -= kept.bytes
  }
}

/** A key has checksums in it, and these could be alike by chance. The same events have the same lines. */
function isSame(one: Kept['batch'], other: Kept['batch']): boolean {
  return (
    one.origin === other.origin &&
    one.partition === other.partition &&
    one.seqs.length === other.seqs.length &&
    one.seqs.every((seq, index) => seq === other.seqs[index])
  )
}
