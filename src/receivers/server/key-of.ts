/** Keys by which what was sent is known again: hashes as texts (record-marks.ts). */
import { hash } from 'node:crypto'

/** 16 bytes of SHA-256 over the parts, each with its length before it. */
export const keyOf = (parts: readonly string[]): string => hashOf(textOf(parts))

function textOf(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${part.length}:${part}`
  return text
}

const hashOf = (text: string | Uint8Array): string => hash('sha256', text, 'binary').slice(0, 16)

/** Keys of parts of which the last has always as many bytes, of ASCII: it is not made a text of. */
export class KeysOfBytes {
  readonly #bytes: Buffer
  readonly #length: number

  constructor(parts: readonly string[], length: number) {
    this.#bytes = Buffer.from(textOf([...parts, ' '.repeat(length)]))
    this.#length = length
  }

  /** As `keyOf` gives it with the bytes at `at` as the last part. */
  of(bytes: Uint8Array, at: number): string {
    const own = this.#bytes
    const from = own.length - this.#length
    for (let i = 0; i < this.#length; i++) own[from + i] = bytes[at + i]!
    return hashOf(own)
  }
}
