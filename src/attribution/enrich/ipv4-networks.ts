/**
 * What was found for IPv4 addresses, by their first three bytes: a network that is no smaller than that answers for all of
 * its addresses, and is looked up once. Memory is bounded: a network takes the place of another one.
 */

/** A power of two. */
const places = 65_536

/** An address as most are written, as 32 bits; undefined for any other text. */
export function ipv4Bits(text: string): number | undefined {
  let bits = 0
  let byte = -1
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit >= 0 && digit <= 9) {
      // A zero that leads makes it octal to some.
      if (byte === 0) return undefined
      byte = byte < 0 ? digit : byte * 10 + digit
      if (byte > 255) return undefined
    } else if (digit === -2 && byte >= 0 && bytes < 3) {
      bits = (bits << 8) | byte
      bytes++
      byte = -1
    } else return undefined
  }
  return bytes === 3 && byte >= 0 ? (bits << 8) | byte : undefined
}

export class Ipv4Networks<T> {
  /** The first three bytes, and one more, so that 0 is none. */
  readonly #networks = new Int32Array(places)
  readonly #found: (T | undefined)[] = Array.from({ length: places }, () => undefined)
  readonly #find: (text: string) => readonly [found: T | undefined, prefixLength: number]

  /** @param find by an address as it is written; with the length of the prefix that the answer holds for */
  constructor(find: (text: string) => readonly [found: T | undefined, prefixLength: number]) {
    this.#find = find
  }

  /** @param bits of the address that `text` is */
  of(text: string, bits: number): T | undefined {
    const network = (bits >>> 8) + 1
    const at = (network ^ (network >>> 16)) & (places - 1)
    if (this.#networks[at] === network) return this.#found[at]
    const [found, prefixLength] = this.#find(text)
    if (prefixLength <= 24) {
      this.#networks[at] = network
      this.#found[at] = found
    }
    return found
  }
}
