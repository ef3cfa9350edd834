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
import { type Found, SearchTree } from './search-tree.ts'
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

/** Addresses are many, places few: what is remembered is what was made of a record. So many of those of IPv4. */
const mostRecords = 65_536

/** @throws AffiantError for a file that is no such database */
export function geoipEnricher(spec: GeoipSpec, files: WatchedFiles): KeyedEnricher {
  const { file, key, language, max_size: maxBytes } = spec
  const database = files.open(file, { key: 'mmdb', maxBytes, parse: openDatabase })
  const known = new WeakMap<Located, Additions>()
  const byRecord = new Map<number, Additions>()
  let version = database.version

  function madeOf(found: Located | undefined): Additions {
    if (found === undefined) return nothingToAdd
    let additions = known.get(found)
    if (additions === undefined) {
      additions = additionsOf(found, language)
      known.set(found, additions)
    }
    return additions
  }

  function ofIpv4(text: string, { record }: Found): Additions {
    if (record === 0) return nothingToAdd
    if (version !== database.version || byRecord.size >= mostRecords) byRecord.clear()
    version = database.version
    let additions = byRecord.get(record)
    if (additions === undefined) {
      additions = madeOf(database.value.locate(text))
      byRecord.set(record, additions)
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
    ipv4Prefix: (address) => database.value.ipv4.find(address).prefix,
    additionsFor: (text) => {
      const address = ipv4Bits(text)
      return address === undefined
        ? madeOf(database.value.locate(text))
        : ofIpv4(text, database.value.ipv4.find(address))
    },
  }
}

interface Database {
  readonly ipv4: SearchTree
  /** Undefined for what is no address, or none that it knows. */
  locate(text: string): Located | undefined
}

/** Records that a database keeps decoded, and parts of them. */
const mostDecoded = 16_384

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
  const { metadata } = reader
  return {
    ipv4: new SearchTree(bytes, metadata),
    locate(text) {
      if (!ipaddr.isValid(text)) return undefined
      const address = ipaddr.process(text)
      if (address.kind() === 'ipv6' && metadata.ipVersion === 4) return undefined
      try {
        return asObject(reader.get(address.toString()))
      } catch {
        // A damaged record says nothing, and must not cost the event.
        return undefined
      }
    },
  }
}
