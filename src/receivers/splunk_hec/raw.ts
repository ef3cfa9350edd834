/** The body of `/services/collector/raw`: a record is a line, and the query string says what is known of all of them. */
import type { TextRecord } from '../../event/record.ts'
import { linesOf } from '../server/json-records.ts'
import { oversizeRecord } from '../server/record-limit.ts'

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

/** Lines over `maxRecord` bytes are not read. */
export function* recordsIn(text: string, shared: Shared, maxRecord: number): Generator<TextRecord> {
  const isAlone = Object.keys(shared).length === 0
  for (const line of linesOf(text))
    yield oversizeRecord(line, maxRecord) ?? {
      text: line,
      ...(!isAlone && { within: { whole: line, beside: shared } }),
    }
}
