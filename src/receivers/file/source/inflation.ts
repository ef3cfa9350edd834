/**
 * One run of deflate data, decompressed as far as its input goes and no further: memory stays at one chunk of output
 * whatever it expands to, since zlib is not asked for more before that has been taken.
 */
import { createInflateRaw } from 'node:zlib'
import { asError } from '../../../errors.ts'

/** Bytes of output at a time. */
const chunkSize = 32 * 1024

/** `input`: everything pushed is used up. `end`: the data ended, `unused` bytes of the last input lie behind it. */
export type Inflated =
  | { readonly kind: 'output'; readonly bytes: Buffer }
  | { readonly kind: 'input' }
  | { readonly kind: 'end'; readonly unused: number }

export class Inflation {
  readonly #zlib = createInflateRaw({ chunkSize })
  /** Bytes given to zlib. */
  #pushed = 0
  #busy = false
  #ended = false
  #error: Error | null = null
  #resume: (() => void) | null = null

  constructor() {
    const changed = () => this.#resume?.()
    this.#zlib.on('readable', changed)
    this.#zlib.on('end', () => {
      this.#ended = true
      changed()
    })
    this.#zlib.on('error', (error) => {
      this.#error = asError(error)
      changed()
    })
  }

  /** More input; only after `next` has asked for it. `bytes` stay untouched until it asks again. */
  push(bytes: Uint8Array): void {
    this.#pushed += bytes.length
    this.#busy = true
    this.#zlib.write(bytes, () => {
      this.#busy = false
      this.#resume?.()
    })
  }

  /** Rejects with what zlib finds wrong with the data, after everything before that was given out. */
  async next(): Promise<Inflated> {
    for (;;) {
      const bytes: unknown = this.#zlib.read()
      if (Buffer.isBuffer(bytes)) return { kind: 'output', bytes }
      if (this.#error) throw this.#error
      const unused = this.#pushed - this.#zlib.bytesWritten
      // Zlib leaves input alone only behind the end of the data.
      if (this.#ended || (!this.#busy && unused > 0)) return { kind: 'end', unused }
      if (!this.#busy) return { kind: 'input' }
      await new Promise<void>((resolve) => {
        this.#resume = resolve
      })
      this.#resume = null
    }
  }

  close(): void {
    this.#zlib.destroy()
    this.#resume?.()
  }
}
