/** A line of PostgreSQL's log as text: what stands before its label, and behind it. */
import type { Entry } from './entry.ts'
import { type LinePrefix, readPrefix } from './line-prefix.ts'

export const severities =
  'DEBUG DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5 LOG INFO NOTICE WARNING ERROR FATAL PANIC'.split(' ')
export const severityLabels = new Set(severities)
/** Labels that are looked at in one line: what stands before the right one may look like one. */
export const mostLabels = 8

interface Begun {
  readonly entry: Entry
  readonly label: string
  readonly rest: string
}

/** What stands before, and behind, the first of the labels that has a prefix before it. */
export function begin(
  line: string,
  labels: ReadonlySet<string>,
  prefixes: readonly LinePrefix[],
): Begun | undefined {
  let end = -1
  for (let i = 0; i < mostLabels; i++) {
    end = line.indexOf(':  ', end + 1)
    if (end < 0) return undefined
    let from = end
    while (from > 0 && isOfLabel(line.charCodeAt(from - 1))) from--
    const label = line.slice(from, end)
    if (!labels.has(label)) continue
    const before = line.slice(0, end - label.length)
    for (const prefix of prefixes) {
      const entry = readPrefix(prefix, before)
      if (entry !== undefined) return { entry, label, rest: line.slice(end + 3) }
    }
  }
  return undefined
}

/** A capital letter or a digit. */
function isOfLabel(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39)
}
