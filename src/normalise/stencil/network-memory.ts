/**
 * What was answered to IPv4 addresses, by their first three bytes: a network that is no smaller than that answers for all
 * of its addresses. Sixteen neighbours are kept together: one that answers for more of them fills all their places at once.
 * Memory is bounded: a block takes the place of another one.
 */

/** A power of two. */
const blocks = 4096
const blockSize = 16

export class NetworkMemory {
  /** The first twenty bits, and one more, so that 0 is none. */
  #blocks: Int32Array | undefined
  #answers = new Int32Array(0)

  /** @param network the first three bytes of an address. Where the answer lies; 0 when it is not known */
  find(network: number): number {
    const block = network >>> 4
    const place = placeOf(block)
    return this.#blocks !== undefined && this.#blocks[place] === block + 1
      ? this.#answers[place * blockSize + (network & (blockSize - 1))]!
      : 0
  }

  /**
   * @param prefix how many of the address's leading bits decide
   * @param answer where it lies
   */
  add(network: number, prefix: number, answer: number): void {
    if (prefix > 24) return
    if (this.#blocks === undefined) {
      this.#blocks = new Int32Array(blocks)
      this.#answers = new Int32Array(blocks * blockSize)
    }
    const block = network >>> 4
    const place = placeOf(block)
    const from = place * blockSize
    if (this.#blocks[place] !== block + 1) {
      this.#blocks[place] = block + 1
      this.#answers.fill(0, from, from + blockSize)
    }
    const alike = 1 << (24 - Math.max(prefix, 20))
    const first = from + (network & (blockSize - 1) & ~(alike - 1))
    this.#answers.fill(answer, first, first + alike)
  }

  /** With the answers. */
  forget(): void {
    this.#blocks?.fill(0)
  }
}

const placeOf = (block: number) => (block ^ (block >>> 12)) & (blocks - 1)
