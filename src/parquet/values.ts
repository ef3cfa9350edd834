/** What of an event fits into a column. Anything else is null there, and still in the column `event`. */
import { canonicalize } from '../event/canonical.ts'
import { normaliseRfc3339 } from '../event/time.ts'
import type { ColumnType } from './columns.ts'

type Value = string | number | bigint | boolean

/** A member by its path (`targets[0].id`); undefined where there is none. */
export function readerOf(path: string): (event: unknown) => unknown {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '')
  return (event) => {
    let at = event
    for (const key of keys) {
      if (!isObject(at)) return undefined
      at = at[key]
    }
    return at
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

export const fitting: Readonly<Record<ColumnType, (value: unknown) => Value | null>> = {
  text: (value) => (typeof value === 'string' ? value : null),
  json: (value) => (Array.isArray(value) ? jsonOf(value) : null),
  time: (value) => (typeof value === 'string' ? microsecondsOf(value) : null),
  int32: (value) => (typeof value === 'number' && (value | 0) === value ? value : null),
  int64: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null),
  boolean: (value) => (typeof value === 'boolean' ? value : null),
}

/** The same text as in the event: canonical. */
function jsonOf(value: unknown): string | null {
  try {
    return canonicalize(value)
  } catch {
    // A number that no double holds, or deeper than any event of ours.
    return null
  }
}

let second = ''
let secondStart = 0n

/** Unix microseconds of an RFC 3339 time; digits beyond are cut off. */
function microsecondsOf(text: string): bigint | null {
  const time = normaliseRfc3339(text)
  if (time === undefined) return null
  // Most events share their second with the one before.
  if (!time.startsWith(second) || second === '') {
    second = time.slice(0, 19)
    secondStart = BigInt(Date.parse(`${second}Z`)) * 1000n
  }
  return secondStart + BigInt(time.slice(20, 26))
}
