/** Columns that line up, for terminals. */

export interface Column<Row> {
  readonly title: string
  /** As numbers are. */
  readonly right: boolean
  readonly cell: (row: Row) => string
}

/** A line for the titles, and one for each row. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ]
  const widths = columns.map((_, at) => lines.reduce((most, line) => Math.max(most, line[at]!.length), 0))
  const text = (line: readonly string[]) =>
    line
      .map((cell, at) => (columns[at]!.right ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd()
  return `${lines.map(text).join('\n')}\n`
}
