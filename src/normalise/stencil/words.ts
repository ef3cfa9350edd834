/** Bytes as words: four to a word, in the order in which a DataView writes them as little-endian; the last word is padded. */

export const wordCount = (bytes: number): number => (bytes + 3) >> 2

/** Returns the place behind them. */
export function writeWords(bytes: Uint8Array, words: Int32Array, at: number): number {
  const { length } = bytes
  let word = at
  let from = 0
  for (; from + 4 <= length; from += 4) {
    words[word++] =
      bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)
  }
  if (from < length) words[word++] = lastWord(bytes, from, length)
  return word
}

/** One to three bytes as a word, padded. */
export function lastWord(bytes: Uint8Array, from: number, to: number): number {
  let word = 0
  for (let at = to - 1; at >= from; at--) word = (word << 8) | bytes[at]!
  return word
}
