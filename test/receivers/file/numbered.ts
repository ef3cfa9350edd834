/** Lines that say which they are. */

/** `line 3` and so on, from `from` to below `to`. */
export const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`)

/** As a file has them. */
export const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
