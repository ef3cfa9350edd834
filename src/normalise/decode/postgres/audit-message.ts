/**
 * The message of a pgAudit entry: `AUDIT: ` and a row of CSV. https://github.com/pgaudit/pgaudit, "Format".
 */

import { namedByStatement } from './named-by-statement.ts'

/** In the order of the row. */
export const auditColumns = [
  'type',
  'statement_id',
  'substatement_id',
  'class',
  'command',
  'object_type',
  'object_name',
  'statement',
  'parameter',
  'rows',
] as const

export const classes = ['DDL', 'FUNCTION', 'MISC', 'MISC_SET', 'READ', 'ROLE', 'WRITE'] as const

const beginning = new RegExp(`^AUDIT: (?:SESSION|OBJECT),\\d+,\\d+,(?:${classes.join('|')}),`)

export interface AuditMessage {
  /** The columns, and what the statement names. */
  readonly fields: Readonly<Record<string, string>>
  /** The row ends within a quoted field. */
  readonly torn: boolean
}

/** Undefined for a message that is none. Fields that are empty, or `<none>`, are left out. */
export function readAuditMessage(message: string): AuditMessage | undefined {
  if (!beginning.test(message)) return undefined
  const fields: Record<string, string> = {}
  let at = 'AUDIT: '.length
  let torn = false
  for (const column of auditColumns) {
    const isLast = column === 'rows'
    let value: string
    if (message[at] === '"') {
      const end = closingQuote(message, at + 1)
      torn = end < 0
      value = message.slice(at + 1, torn ? undefined : end).replaceAll('""', '"')
      at = torn ? message.length : end + 2
    } else {
      const comma = isLast ? -1 : message.indexOf(',', at)
      const end = comma < 0 ? message.length : comma
      value = message.slice(at, end)
      at = end + 1
    }
    if (value !== '' && value !== '<none>') fields[column] = value
    if (at > message.length || torn) break
  }
  return { fields: { ...fields, ...namedByStatement(fields) }, torn }
}

function closingQuote(text: string, from: number): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf('"', at)
    if (at < 0 || text[at + 1] !== '"') return at
  }
}
