/**
 * A lookup table: rows by key, from CSV with a header, from JSON or from YAML. In the latter two either an object of
 * rows by their keys, or a list of rows.
 */
import { createRequire } from 'node:module'
import { extname } from 'node:path'

export type TableFormat = 'csv' | 'json' | 'yaml'

export interface Row {
  readonly key: string
  /** Where it stands, for messages: `line 3`, `row 2`. */
  readonly place: string
  /** Columns; one that the row does not fill is absent. */
  readonly columns: ReadonlyMap<string, unknown>
}

export interface Table {
  readonly columns: ReadonlySet<string>
  /** Those that have a key: nobody can ask for the others. */
  readonly rows: readonly Row[]
}

/** The format that a file's name says; undefined when it says none. */
export function tableFormat(file: string): TableFormat | undefined {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return 'csv'
    case '.json':
      return 'json'
    case '.yaml':
    case '.yml':
      return 'yaml'
    default:
      return undefined
  }
}

/**
 * @param column the one that holds the key; the first one without it
 * @throws Error that says where
 */
export function readTable(bytes: Buffer, format: TableFormat, column: string | undefined): Table {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  if (format === 'csv') return fromCsv(text, column)
  return fromObjects(format === 'json' ? fromJson(text) : fromYaml(text), column)
}

/** Loaded where there is a table, and synchronously, as everything that a normaliser is compiled from. */
const load = createRequire(import.meta.url)

function fromCsv(text: string, column: string | undefined): Table {
  const { parse }: typeof import('csv-parse/sync') = load('csv-parse/sync')
  const options = { bom: true, info: true, skip_empty_lines: true, trim: true } as const
  const found = parse(text, options) as unknown as readonly {
    readonly record: readonly string[]
    readonly info: { readonly lines: number }
  }[]
  const header = found[0]?.record ?? []
  const double = header.find((name, i) => header.indexOf(name) !== i)
  if (double !== undefined) throw new Error(`line 1: the column ${JSON.stringify(double)} is there twice`)
  const keyAt = column === undefined ? 0 : header.indexOf(column)
  if (header.length === 0) throw new Error('has no header: the first line names the columns')
  if (keyAt < 0)
    throw new Error(`line 1: has no column ${JSON.stringify(column)}; it has ${header.join(', ')}`)
  const rows = found.slice(1).map(({ record, info }): Row => {
    const filled = record.flatMap((value, i): [string, string][] =>
      value === '' ? [] : [[header[i]!, value]],
    )
    return { key: record[keyAt]!, place: `line ${info.lines}`, columns: new Map(filled) }
  })
  return { columns: new Set(header), rows: rows.filter(({ key }) => key !== '') }
}

/**
 * A number as what it is, where that says no more and no less than what was written; else the text. An id may begin with
 * a zero, end in one, or have more digits than a double can tell apart.
 */
const asWritten = (source: string): number | string =>
  String(Number(source)) === source ? Number(source) : source

/** What JSON.parse tells of a value beside it: of a primitive the text that it was read from. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

function fromJson(text: string): unknown {
  const revive: Reviver = (_key, value, context) =>
    typeof value === 'number' && context?.source !== undefined ? asWritten(context.source) : value
  return JSON.parse(text, revive)
}

function fromYaml(text: string): unknown {
  const { parse }: typeof import('yaml') = load('yaml')
  return parse(text, {
    customTags: (tags) =>
      tags.map((tag) =>
        typeof tag === 'object' && numeric.has(tag.tag) && tag.collection === undefined
          ? { ...tag, resolve: asWritten }
          : tag,
      ),
  })
}

const numeric = new Set(['tag:yaml.org,2002:int', 'tag:yaml.org,2002:float'])

function fromObjects(value: unknown, column: string | undefined): Table {
  if (typeof value !== 'object' || value === null)
    throw new Error('holds neither an object nor a list of rows')
  const rows = Array.isArray(value)
    ? value.map((row: unknown, i) => listed(row, `row ${i + 1}`, column))
    : Object.entries(value).map(([key, row]) => ({
        key,
        place: JSON.stringify(key),
        columns: columnsOf(row, JSON.stringify(key)),
      }))
  const columns = new Set(rows.flatMap((row) => [...row.columns.keys()]))
  return { columns, rows: rows.filter(({ key }) => key !== '') }
}

function listed(row: unknown, place: string, column: string | undefined): Row {
  const columns = columnsOf(row, place)
  const name = column ?? Object.keys(row as object)[0]
  const key = name === undefined ? undefined : columns.get(name)
  if (key !== undefined && typeof key !== 'string' && typeof key !== 'number') {
    throw new Error(`${place}: ${JSON.stringify(name)} holds the key, and is no text`)
  }
  return { key: String(key ?? ''), place, columns }
}

function columnsOf(row: unknown, place: string): Map<string, unknown> {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new Error(`${place}: is no object with a member for each column`)
  }
  return new Map(Object.entries(row).filter(([, value]) => value !== null && value !== ''))
}
