/** The records that events keep, redacted once all of a line's events are known: the first of them keeps it for all. */
import type { DecodedText } from '../attribution/redact/record-text.ts'
import type { Redactor } from '../attribution/redact/redactor.ts'
import type { BatchEncoder } from './batch-encoder.ts'
import { decodeJson } from './decode/json.ts'

export class RawKept {
  readonly #redactor: Redactor
  #waiting: { readonly at: number; readonly bytes: Uint8Array; readonly failed: boolean }[] = []

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** For the event at this place of the batch. `failed`: its record could not be read. */
  add(at: number, bytes: Uint8Array, failed: boolean): void {
    this.#waiting.push({ at, bytes, failed })
  }

  /** Puts them into the batch, and keeps nothing. */
  flush(batch: BatchEncoder): void {
    if (this.#waiting.length === 0) return
    for (const { at, bytes, failed } of this.#waiting) {
      const kept = this.#cleaned(bytes, failed)
      if (kept !== undefined) batch.keepRaw(at, kept)
    }
    this.#waiting = []
  }

  /** A defect in here must cost a record's text, never what was to be kept out of it. */
  #cleaned(bytes: Uint8Array, failed: boolean): Uint8Array | undefined {
    try {
      return this.#redactor.text(bytes, decodedText, failed)
    } catch {
      return undefined
    }
  }
}

/** A record, or a list of them; undefined for any other text. */
export function decodedText(text: string): DecodedText | undefined {
  const read = decodeJson(text)
  return read.ok ? { record: read.value, isExact: read.warnings.every(hidesNothing) } : undefined
}

/** A number that is kept as text says all; a key that was there twice does not, nor do warnings that were too many. */
const hidesNothing = (warning: string): boolean => /^(?:number|lone surrogate)/.test(warning)
