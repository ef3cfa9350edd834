/** What is absent is left out: no null, no empty text, list or object, in any shape. */

export type Members = Record<string, unknown>

/** `members` without those that are undefined; undefined where none is left. */
export function present(members: Members): Members | undefined {
  const kept: Members = {}
  let any = false
  for (const name in members) {
    const value = members[name]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    kept[name] = value
    any = true
  }
  return any ? kept : undefined
}

export const compact = <T>(items: readonly (T | undefined)[]): T[] =>
  items.filter((item): item is T => item !== undefined)
