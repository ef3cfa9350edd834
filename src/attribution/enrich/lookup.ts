/** What a table says of a member's text: by that text exactly, or by the longest prefix of it. */
import { type Additions, type KeyedEnricher, nothingToAdd } from './contract.ts'
import { freeValues } from './member.ts'
import { networkOf, networkPrefixes, textPrefixes } from './prefixes.ts'
import { compileSetter, membersSet, type SetSpec } from './setter.ts'
import { type Row, readTable, type TableFormat } from './table.ts'
import type { WatchedFiles } from './watched-file.ts'

export interface LookupSpec {
  readonly file: string
  readonly format: TableFormat
  /** The member whose text is looked up. */
  readonly key: string
  /** The column that holds the key; the first one without it. */
  readonly column?: string | undefined
  readonly match: 'exact' | 'longest_prefix'
  readonly ignore_case: boolean
  /** Column by member. */
  readonly set: SetSpec
  /** Between the elements of a list that is written as one text. */
  readonly separator: string
  /** Bytes. */
  readonly max_size: number
}

interface Index {
  find(text: string): Additions | undefined
}

/** @throws AffiantError with file and line */
export function lookupEnricher(spec: LookupSpec, files: WatchedFiles): KeyedEnricher {
  const { file, key, max_size: maxBytes } = spec
  const table = files.open(file, {
    key: JSON.stringify(['lookup', spec]),
    maxBytes,
    parse: (bytes) => indexOf(bytes, spec),
  })
  return {
    kind: 'lookup',
    reads: 'member',
    key,
    sets: membersSet(spec.set),
    get version() {
      return table.version
    },
    additionsFor: (text) => table.value.find(text) ?? nothingToAdd,
  }
}

/** Members that hold an address: their prefixes are networks. */
const addresses = new Set(['source.ip', 'provenance.peer.ip'])

/** Faults of a table that are named one by one. */
const mostNamed = 5

/** @throws Error that names them with their places */
function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return
  const more = faults.length > mostNamed ? [`and ${faults.length - mostNamed} more`] : []
  throw new Error([...faults.slice(0, mostNamed), ...more].join('; '))
}

function indexOf(bytes: Buffer, spec: LookupSpec): Index {
  const { columns, rows } = readTable(bytes, spec.format, spec.column)
  for (const column of Object.values(spec.set)) {
    if (rows.length > 0 && !columns.has(column)) {
      throw new Error(`has no column ${JSON.stringify(column)}; it has ${[...columns].join(', ')}`)
    }
  }
  const fold = spec.ignore_case ? (text: string) => text.toLowerCase() : (text: string) => text
  const faults: string[] = []
  const additions = rowReader(spec, faults)
  const entries = rows.map((row): [string, Additions] => [fold(row.key), additions(row)])
  const index =
    spec.match === 'exact'
      ? exact(entries, rows, fold, faults)
      : addresses.has(spec.key)
        ? networks(entries, rows, faults)
        : prefixes(entries, fold)
  refuse(faults)
  return index
}

type Entries = readonly (readonly [string, Additions])[]

function exact(
  entries: Entries,
  rows: readonly Row[],
  fold: (text: string) => string,
  faults: string[],
): Index {
  const byKey = new Map<string, Additions>()
  for (const [i, [text, found]] of entries.entries()) {
    if (byKey.has(text)) faults.push(`${rows[i]!.place}: the key ${JSON.stringify(text)} is there already`)
    byKey.set(text, found)
  }
  return { find: (text) => byKey.get(fold(text)) }
}

function prefixes(entries: Entries, fold: (text: string) => string): Index {
  const found = textPrefixes(entries)
  return { find: (text) => found.find(fold(text)) }
}

function networks(entries: Entries, rows: readonly Row[], faults: string[]): Index {
  const read = entries.flatMap(([text, found], i) => {
    const network = networkOf(text)
    if (network !== undefined) return [[network, found] as const]
    faults.push(`${rows[i]!.place}: ${JSON.stringify(text)} is no address or network such as 10.0.0.0/8`)
    return []
  })
  return networkPrefixes(read)
}

/** Every value is held against its member when the table is loaded, so that nothing can go wrong later. */
function rowReader({ set, separator }: LookupSpec, faults: string[]): (row: Row) => Additions {
  let place = ''
  const setter = compileSetter(set, separator, (member, column, value) => {
    const fault = `${place}: ${JSON.stringify(value)} in column ${JSON.stringify(column)} is no ${member}`
    faults.push(member.startsWith('metadata.') ? `${fault}: it takes ${freeValues}` : fault)
  })
  return (row) => {
    place = row.place
    return setter((column) => row.columns.get(column))
  }
}
