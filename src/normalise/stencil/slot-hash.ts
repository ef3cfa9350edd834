/** FNV-1a over bytes, for finding; what is found is compared byte by byte where a mistake would matter. */

export const hashStart = 0x811c9dc5

export function hashBytes(hash: number, bytes: Uint8Array, from: number, to: number): number {
  let state = hash
  for (let at = from; at < to; at++) state = Math.imul(state ^ bytes[at]!, 0x01000193)
  return state
}

/** Hash of a text of ASCII, as `foldedHash` finds it. */
export function hashText(text: string): number {
  const bytes = Buffer.from(text)
  return hashBytes(hashStart, bytes, 0, bytes.length)
}

/**
 * Hash with ASCII letters in lower case; -1 when there are other characters, whose cases are not told by bytes, or
 * escapes, which are not what they say.
 */
export function foldedHash(bytes: Uint8Array, from: number, to: number): number {
  let state = hashStart
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (byte >= 0x80 || byte === 0x5c) return -1
    state = Math.imul(state ^ (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte), 0x01000193)
  }
  return state
}
