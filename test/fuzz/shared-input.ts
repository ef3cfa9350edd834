/** The input under test, in memory that outlives a thread that hangs or dies with it. */

const head = 16

/** Longest input, in bytes; longer ones are kept up to here. */
const room = 4 * 1024 * 1024

export class SharedInput {
  readonly memory: SharedArrayBuffer
  readonly #counters: Int32Array
  readonly #bytes: Buffer

  constructor(memory = new SharedArrayBuffer(head + room)) {
    this.memory = memory
    this.#counters = new Int32Array(memory, 0, 2)
    this.#bytes = Buffer.from(memory, head)
  }

  set(input: Buffer): void {
    this.#counters[0] = input.copy(this.#bytes)
    Atomics.add(this.#counters, 1, 1)
  }

  /** A copy. */
  get(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#counters[0]))
  }

  /** Inputs so far. */
  get count(): number {
    return Atomics.load(this.#counters, 1)
  }
}
