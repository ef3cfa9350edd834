/** The table of Parquet's columns in docs/sinks.md. */
import { type ColumnType, columns } from '../src/parquet/columns.ts'

const begin = '<!-- generated: columns -->'
const end = '<!-- /generated -->'

const types: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  json: 'JSON as text',
  time: 'timestamp',
  int32: 'int32',
  int64: 'int64',
  boolean: 'boolean',
}

/** `page` with the table between its marks made anew. */
export function withColumns(page: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`docs/sinks.md lacks ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${renderTable()}\n\n${page.slice(to)}`
}

function renderTable(): string {
  const rows = columns.map(({ name, type, meaning, always }) => {
    return `| \`${name}\` | ${types[type]}${always ? ', never null' : ''} | ${meaning} |`
  })
  return ['| column | type | meaning |', '|---|---|---|', ...rows].join('\n')
}
