/**
 * Where an address is, and whose network it is: from databases in MaxMind's format (City, Country, ASN, and others with
 * the same members).
 * https://maxmind.github.io/MaxMind-DB/
 */
import { createRequire } from 'node:module'
import ipaddr from 'ipaddr.js'
import type { Reader } from 'mmdb-lib'
import { type Additions, type KeyedEnricher, nothingToAdd } from './contract.ts'
import { ipv4Bits } from './ipv4.ts'
import { additionsOf, asObject, type Located } from './place.ts'
import { SearchTree } from './search-tree.ts'
import type { WatchedFiles } from './watched-file.ts'

export interface GeoipSpec {
  readonly file: string
  /** The member that holds the address. */
  readonly key: string
  /** Of names of places. */
  readonly language: string
  /** Bytes. */
  readonly max_size: number
}

/** Addresses are many, places few: what is remembered is what was made of a record, of so many. */
const mostRecords = 65_536

/** @throws AffiantError for a file that is no such database */
export function geoipEnricher(spec: GeoipSpec, files: WatchedFiles): KeyedEnricher {
  const { file, key, language, max_size: maxBytes } = spec
  const database = files.open(file, { key: 'mmdb', maxBytes, parse: openDatabase })
  const known = new Map<number, Additions>()
  let version = database.version

  function madeOf(text: string, record: number): Additions {
    if (record === 0) return nothingToAdd
    if (version !== database.version || known.size >= mostRecords) known.clear()
    version = database.version
    let additions = known.get(record)
    if (additions === undefined) {
      const found = database.value.read(text)
      additions = found === undefined ? nothingToAdd : additionsOf(found, language)
      known.set(record, additions)
    }
    return additions
  }

  return {
    kind: 'geoip',
    reads: 'member',
    key,
    sets: ['source.asn', 'source.geo'],
    get version() {
      return database.version
    },
    ipv4Prefix: (address) => database.value.tree.find(address).prefix,
    additionsFor: (text) => {
      const bits = ipv4Bits(text)
      if (bits !== undefined) return madeOf(text, database.value.tree.find(bits).record)
      if (!ipaddr.isValid(text)) return nothingToAdd
      const address = ipaddr.process(text)
      const isIpv4 = address.kind() === 'ipv4'
      const { tree } = database.value
      const { record } = isIpv4 ? tree.find(bitsOf(address)) : tree.findIpv6(address.toByteArray())
      return madeOf(address.toString(), record)
    },
  }
}

/** The bytes of an IPv4 address as 32 bits. */
const bitsOf = (address: ReturnType<typeof ipaddr.parse>): number =>
  Buffer.from(address.toByteArray()).readInt32BE()

interface Database {
  readonly tree: SearchTree
  /** What it says of an address. Undefined where that cannot be read. */
  read(address: string): Located | undefined
}

/** Parts of records that a database keeps decoded: countries, which records share. */
const mostDecoded = 2048

/** What the reader asks for before it decodes what lies at an offset; forgets all when it is full. */
function decodedRecords(): {
  get(offset: number | string): unknown
  set(offset: number | string, value: unknown): void
} {
  const decoded = new Map<number | string, unknown>()
  return {
    get: (offset) => decoded.get(offset),
    set: (offset, value) => {
      if (decoded.size >= mostDecoded) decoded.clear()
      decoded.set(offset, value)
    },
  }
}

/** Loaded where there is a database. */
const load = createRequire(import.meta.url)

function openDatabase(bytes: Buffer): Database {
  const mmdb: typeof import('mmdb-lib') = load('mmdb-lib')
  let reader: Reader<never>
  try {
    reader = new mmdb.Reader<never>(bytes, { cache: decodedRecords() })
    // One that was cut short shows when it is asked.
    reader.get('255.255.255.255')
  } catch (thrown) {
    throw new Error('is no database in MaxMind DB format, or is cut short', { cause: thrown })
  }
  return {
    tree: new SearchTree(bytes, reader.metadata),
    read(address) {
      try {
        return asObject(reader.get(address))
      } catch {
        // A damaged record says nothing, and must not cost the event.
        return undefined
      }
    },
  }
}
