/**
 * A request that its sender gave a key, so that it has one effect however often it is sent. Each of its records is known by the
 * key and its place, and the request by the key alone: what was committed of one that was cut short is not committed again,
 * and the rest is.
 */
import { hash } from 'node:crypto'
import type { Asked } from './asked-keys.ts'
import { keyOf } from './key-of.ts'

export class RequestKey {
  /** Another body under the same key is refused. */
  readonly whole: Asked
  readonly #credential: string
  readonly #key: string

  /** `credential`: who sends it; `body`: all that says what is sent. */
  constructor(credential: string, key: string, body: Uint8Array) {
    this.#credential = credential
    this.#key = key
    this.whole = {
      key: keyOf(['request', credential, key]),
      content: hash('sha256', body, 'binary').slice(0, 16),
      otherwise: 'refuse',
    }
  }

  /** Of its record at this place, counted from 0. */
  record(index: number): Asked {
    return { ...this.whole, key: keyOf(['request', this.#credential, this.#key, String(index)]) }
  }
}
