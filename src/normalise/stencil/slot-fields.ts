/**
 * Whether a slot may hold a field whose name is redacted, as texts write them (`password=…`): told by the bytes of its
 * signs and what stands before them, so that nearly every slot is passed over without making a text of it.
 */
import type { FieldRefusals } from '../../attribution/redact/refusals.ts'
import { BytesAhead } from './bytes-ahead.ts'
import type { LineFacts } from './line-facts.ts'
import type { Shape } from './shape.ts'
import { textAt } from './slot-text.ts'
import type { SlotUse } from './slot-use.ts'

/** A slot to be looked at. */
export interface CopiedSlot {
  readonly slot: number
  /** What comes out: its text, that as part of a longer one, or something that is cut out of it. */
  readonly as: 'text' | 'part' | 'cut'
}

/** What decides by itself is cut into a stencil as the general way writes it, and is none of them. */
export function copiedSlots({ slots }: Shape, uses: readonly SlotUse[]): CopiedSlot[] {
  return uses.flatMap(({ exact, matches, isPart }, slot) => {
    if (exact || slots[slot]!.kind !== 'string') return []
    return { slot, as: matches.length > 0 ? 'cut' : isPart ? 'part' : 'text' }
  })
}

const sign = 1
const escaping = 2
const quote = 3
const dash = 4
const kinds = new Uint8Array(256)
for (const character of ':=') kinds[character.charCodeAt(0)] = sign
for (const character of '%\\') kinds[character.charCodeAt(0)] = escaping
for (const character of "'$") kinds[character.charCodeAt(0)] = quote
kinds['-'.charCodeAt(0)] = dash

/** Spaces, in any alphabet, a quote, a bracket: between a name and its sign. */
const isBetween = tableOf((byte) => byte <= 0x20 || byte >= 0x80 || byte === 0x27 || byte === 0x5d)
/** Spaces, and how SQL begins a string: `E'…'`, `U&'…'`. */
const isBeforeQuote = tableOf(
  (byte) => byte <= 0x20 || byte >= 0x80 || 'ENen&'.includes(String.fromCharCode(byte)),
)

function tableOf(has: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0))
}

const closing = ']'.charCodeAt(0)
const opening = '['.charCodeAt(0)
const longestIndex = 65

function hasOpening(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === opening) return true
  return false
}

export class SlotFields {
  readonly #refusals: FieldRefusals
  /** 1 for a byte that a name may end with. */
  readonly #lasts = new Uint8Array(256)
  /** Without one of them nothing is a field. */
  readonly #signs: BytesAhead | undefined
  /** Bytes that the shortest name has. */
  readonly #shortest: number

  constructor(refusals: FieldRefusals) {
    this.#refusals = refusals
    this.#signs = refusals.areParameters ? new BytesAhead('=%\\') : undefined
    this.#shortest = Math.min(...refusals.names.map((name) => Buffer.byteLength(name)))
    for (const name of refusals.names) {
      for (const cased of [name.toLowerCase(), name.toUpperCase()]) {
        const last = Buffer.from(cased).at(-1)!
        if (last < 0x80) this.#lasts[last] = 1
        else this.#lasts.fill(1, 0x80)
      }
    }
  }

  areIn(copied: readonly CopiedSlot[], slots: Int32Array, { bytes, start, length }: LineFacts): boolean {
    const mayHaveSigns = this.#signs?.areIn(bytes, start, start + length) ?? true
    for (let i = 0; i < copied.length; i++) {
      const { slot, as } = copied[i]!
      const from = slots[2 * slot]!
      const to = slots[2 * slot + 1]!
      if (to - from < this.#shortest) continue
      const mayBe =
        (mayHaveSigns && this.#mayBeIn(bytes, from, to)) ||
        (as === 'part' && this.#isBehindName(bytes, from, to))
      if (!mayBe) continue
      if (this.#isRefused(textAt(bytes, from, to), as)) return true
    }
    return false
  }

  #isRefused(text: string, as: CopiedSlot['as']): boolean {
    const { hasField, hasFieldPart, hasFieldWithin } = this.#refusals
    return as === 'text' ? hasField(text) : as === 'part' ? hasFieldPart(text) : hasFieldWithin(text)
  }

  #mayBeIn(bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const kind = kinds[bytes[at]!]!
      if (kind === 0) continue
      if (kind === escaping) return true
      if (kind === sign) {
        if (this.#isBehindName(bytes, from, at)) return true
      } else if (kind === dash) {
        // An option: its value may stand behind a space.
        if (at + 1 < to && bytes[at + 1] === bytes[at]) return true
      } else if (at > from && isBeforeQuote[bytes[at - 1]!] === 1) {
        return true
      }
    }
    return false
  }

  /** Whether what ends at a place may be a name, but for a quote, a bracket and spaces. */
  #isBehindName(bytes: Uint8Array, from: number, end: number): boolean {
    let at = end - 1
    while (at >= from && this.#lasts[bytes[at]!] === 0 && isBetween[bytes[at]!] === 1) {
      // `password[]`: whatever is in it is looked at as a text.
      if (bytes[at] === closing && hasOpening(bytes, Math.max(from, at - longestIndex), at)) return true
      at--
    }
    return at >= from && this.#lasts[bytes[at]!] === 1
  }
}
