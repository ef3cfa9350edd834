/** Files of a downward API volume: a line for each label or annotation, its value quoted as Go does. */

/**
 * @returns members in canonical order
 * @throws Error that says which line is wrong
 */
export function readPodInfo(bytes: Buffer): Readonly<Record<string, string>> {
  const entries = bytes
    .toString()
    .split('\n')
    .flatMap((line, index): [string, string][] => {
      if (line === '') return []
      const match = /^([^=]+)=(".*")$/.exec(line)
      const value = match === null ? undefined : unquoted(match[2]!)
      if (value === undefined) throw new Error(`line ${index + 1}: is not key="value"`)
      return [[match![1]!, value]]
    })
  // A key of digits alone would not keep its place in an object, and no event could hold it in canonical order.
  const ordered = entries.filter(([key]) => !/^\d+$/.test(key)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.freeze(Object.fromEntries(ordered))
}

/** strconv.Quote's escapes: those of JSON, and \a, \v, \x and \U. */
function unquoted(text: string): string | undefined {
  const json = text.replaceAll(/\\(?:x([0-9a-f]{2})|U([0-9a-f]{8})|([av'])|[\s\S])/g, (found, ...groups) => {
    const [byte, point, letter] = groups as (string | undefined)[]
    if (byte !== undefined) return `\\u00${byte}`
    if (point !== undefined)
      return JSON.stringify(String.fromCodePoint(Number.parseInt(point, 16))).slice(1, -1)
    if (letter !== undefined) return letter === 'a' ? '\\u0007' : letter === 'v' ? '\\u000b' : letter
    return found
  })
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
