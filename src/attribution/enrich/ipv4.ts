/** IPv4 addresses as most are written. */

const zero = 0x30
const point = 0x2e

/** The first three bytes of an address, as a number; -1 for any other text. */
export function ipv4Network(bytes: Uint8Array, from: number, to: number): number {
  let network = 0
  let byte = -1
  let count = 0
  for (let at = from; at < to; at++) {
    const character = bytes[at]!
    const digit = character - zero
    if (digit >= 0 && digit <= 9) {
      // A zero that leads makes it octal to some.
      if (byte === 0) return -1
      byte = byte < 0 ? digit : byte * 10 + digit
      if (byte > 255) return -1
    } else if (character === point && byte >= 0 && count < 3) {
      network = (network << 8) | byte
      count++
      byte = -1
    } else return -1
  }
  return count === 3 && byte >= 0 ? network : -1
}

const longest = '255.255.255.255'.length
const written = new Uint8Array(longest)

/** An address as 32 bits; undefined for any other text. */
export function ipv4Bits(text: string): number | undefined {
  if (text.length > longest) return undefined
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return undefined
    written[i] = unit
  }
  const network = ipv4Network(written, 0, text.length)
  return network < 0 ? undefined : (network << 8) | Number(text.slice(text.lastIndexOf('.') + 1))
}
