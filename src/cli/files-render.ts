/** Files as a table: numbers to the right, with thousands separators. */

import { figure } from '../figure.ts'
import { type Column, renderTable } from './table.ts'

type Bytes = number | null

/** What a row is made of. */
interface FileRow {
  readonly receiver: string
  readonly path: string
  readonly state: string
  readonly size: Bytes
  readonly read: Bytes
  readonly committed: Bytes
  readonly settled: Bytes
  readonly lag: Bytes
  readonly sinks: Readonly<Record<string, { readonly settled: Bytes }>>
}

const bytes = (title: string, read: (file: FileRow) => Bytes | undefined): Column<FileRow> => ({
  title,
  right: true,
  cell: (file) => {
    const value = read(file)
    return typeof value === 'number' ? figure(value) : '?'
  },
})

const text = (title: string, cell: (file: FileRow) => string): Column<FileRow> => ({
  title,
  right: false,
  cell,
})

const plain: readonly Column<FileRow>[] = [
  text('receiver', ({ receiver }) => receiver),
  text('file', ({ path }) => path),
  bytes('size', ({ size }) => size),
  bytes('read', ({ read }) => read),
  bytes('committed', ({ committed }) => committed),
  bytes('settled', ({ settled }) => settled),
]
const rest: readonly Column<FileRow>[] = [bytes('lag', ({ lag }) => lag), text('state', ({ state }) => state)]

/** `bySink`: how far each sink has settled, one more column each. `?` is what nobody can tell. */
export function renderFiles(files: readonly FileRow[], bySink: boolean): string {
  if (files.length === 0) return 'no file is known yet\n'
  const names = bySink ? [...new Set(files.flatMap(({ sinks }) => Object.keys(sinks)))].sort() : []
  const columns = [
    ...plain,
    ...names.map((name) => bytes(name, ({ sinks }) => sinks[name]?.settled)),
    ...rest,
  ]
  return renderTable(columns, files)
}
