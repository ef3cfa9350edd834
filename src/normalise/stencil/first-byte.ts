/** With which bytes a text may begin that a regular expression takes: most others need not be looked at as texts. */

/** `^` and a class or a character that has to stand there. */
const anchored = /^\^(\[\^?(?:\\[wdWD.-]|[^\]\\[])+\]|[A-Za-z0-9/_-])(?![*?{])/

/**
 * 1 for each byte that may be the first; undefined where that is not told. Of no use for patterns with alternatives or flags.
 */
export function firstBytes(source: string): Uint8Array | undefined {
  const head = source.includes('|') ? undefined : anchored.exec(source)?.[1]
  if (head === undefined) return undefined
  const first = new RegExp(`^${head}`)
  // What an escape stands for, and what lies beyond ASCII, is not told by a byte.
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte >= 0x80 || byte === 0x5c || first.test(String.fromCharCode(byte)) ? 1 : 0,
  )
}
