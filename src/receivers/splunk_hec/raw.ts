/** The body of `/services/collector/raw`: a record is a line, and the query string says what is known of all of them. */
import type { TextRecord } from '../../event/record.ts'

type Shared = Readonly<Record<string, string>>

const names = ['host', 'source', 'sourcetype', 'index'] as const

export function sharedBy(query: URLSearchParams): Shared {
  const shared: Record<string, string> = {}
  for (const name of names) {
    const value = query.get(name)
    if (value) shared[name] = value
  }
  return shared
}

export function linesIn(text: string, shared: Shared): TextRecord[] {
  const isAlone = Object.keys(shared).length === 0
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line, ...(!isAlone && { within: { whole: line, beside: shared } }) }))
}
