/**
 * Where an address is, and whose network it is: from databases in MaxMind's format (City, Country, ASN, and others with
 * the same members).
 * https://maxmind.github.io/MaxMind-DB/
 */
import { createRequire } from 'node:module'
import ipaddr from 'ipaddr.js'
import type { Reader } from 'mmdb-lib'
import { type Addition, type Additions, type KeyedEnricher, nothingToAdd } from './contract.ts'
import { Ipv4Networks, ipv4Bits } from './ipv4-networks.ts'
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

/** What is read of a database's records, all of it optional; it is data from outside. */
type Located = Readonly<Record<string, unknown>>

/** @throws AffiantError for a file that is no such database */
export function geoipEnricher(spec: GeoipSpec, files: WatchedFiles): KeyedEnricher {
  const { file, key, language, max_size: maxBytes } = spec
  /** Addresses are many, places few: what is remembered is what was made of a record. */
  const known = new WeakMap<Located, Additions>()
  const database = files.open(file, { key: 'mmdb', maxBytes, parse: openDatabase })
  return {
    kind: 'geoip',
    reads: 'member',
    key,
    sets: ['source.asn', 'source.geo'],
    get version() {
      return database.version
    },
    additionsFor: (text) => {
      const found = database.value(text)
      if (found === undefined) return nothingToAdd
      let additions = known.get(found)
      if (additions === undefined) {
        additions = additionsOf(found, language)
        known.set(found, additions)
      }
      return additions
    },
  }
}

type Database = (address: string) => Located | undefined

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
  const { ipVersion } = reader.metadata
  const networks = new Ipv4Networks((text) => {
    const [found, prefixLength] = reader.getWithPrefixLength(text)
    return [asObject(found), prefixLength]
  })
  return (text) => {
    const bits = ipv4Bits(text)
    if (bits !== undefined) return networks.of(text, bits)
    if (!ipaddr.isValid(text)) return undefined
    const address = ipaddr.process(text)
    if (address.kind() === 'ipv6' && ipVersion === 4) return undefined
    try {
      return asObject(reader.get(address.toString()))
    } catch {
      // A damaged record says nothing, and must not cost the event.
      return undefined
    }
  }
}

function additionsOf(found: Located, language: string): Additions {
  const additions: Addition[] = []
  const asn = found.autonomous_system_number
  if (typeof asn === 'number' && Number.isSafeInteger(asn) && asn >= 0)
    additions.push({ member: 'source.asn', path: ['source', 'asn'], value: asn })
  const geo = geoOf(found, language)
  if (Object.keys(geo).length > 0)
    additions.push({ member: 'source.geo', path: ['source', 'geo'], value: Object.freeze(geo) })
  return additions.length === 0 ? nothingToAdd : additions
}

/** In canonical order, without what the database doesn't know. */
function geoOf(found: Located, language: string): object {
  const [region] = Array.isArray(found.subdivisions) ? found.subdivisions : []
  const location = asObject(found.location)
  const members = {
    city: nameOf(found.city, language),
    continent: textOf(asObject(found.continent)?.code),
    country: textOf(asObject(found.country)?.iso_code),
    latitude: numberOf(location?.latitude),
    longitude: numberOf(location?.longitude),
    postal_code: textOf(asObject(found.postal)?.code),
    region: nameOf(region, language),
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

function nameOf(place: unknown, language: string): string | undefined {
  const names = asObject(asObject(place)?.names)
  return textOf(names?.[language]) ?? textOf(names?.en)
}

const asObject = (value: unknown): Located | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Located) : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
