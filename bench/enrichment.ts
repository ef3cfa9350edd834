/** Tables for enrichers: of every user and network that the data has. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mmdb, uint } from '../test/attribution/enrich/write-mmdb.ts'
import { userCount } from './data.ts'

const teams = ['billing', 'support', 'platform', 'sales', 'research', 'finance', 'legal'] as const
const countries = ['DE', 'FR', 'NL', 'US', 'BR', 'JP', 'IN'] as const

/** What is added: what tables know of each event; or to all the same, in as many bytes, which says what those alone cost. */
export type Enriches = 'tables' | 'constants'

/** `attribution.enrich`; what it reads is written into the directory. */
export function enrichment(enriches: Enriches, directory: string): readonly object[] {
  const site = { 'metadata.environment': 'production', scope: [{ type: 'site', id: 'fra-1' }] }
  return enriches === 'constants'
    ? [{ static: { ...site, 'metadata.filler': 'x'.repeat(243) } }]
    : [{ static: site }, ...tables(directory)]
}

/** A lookup by actor, place and network by address. */
function tables(directory: string): readonly object[] {
  const users = join(directory, 'users.csv')
  const rows = Array.from(
    { length: userCount },
    (_, n) => `u_${n},${teams[n % teams.length]},staff;${teams[n % 3]},${1000 + (n % 97)}`,
  )
  writeFileSync(users, ['id,team,groups,cost_centre', ...rows].join('\n'))
  const places = join(directory, 'places.mmdb')
  writeFileSync(places, mmdb({ type: 'Bench-City-ASN', ipVersion: 4, networks: networks() }))
  return [
    {
      lookup: {
        file: users,
        key: 'actor.id',
        set: { 'metadata.team': 'team', 'actor.groups': 'groups', 'metadata.cost_centre': 'cost_centre' },
      },
    },
    { geoip: { file: places } },
  ]
}

/** 10.0.0.0/8 in 4,096 networks, each with a place of its own. */
function networks(): [string, object][] {
  return Array.from({ length: 4096 }, (_, n) => [
    `10.${n >> 4}.${(n & 15) << 4}.0/20`,
    {
      autonomous_system_number: uint(64_512 + (n % 200)),
      city: { names: { en: `Town ${n}` } },
      continent: { code: 'EU' },
      country: { iso_code: countries[n % countries.length] },
      location: { latitude: 40 + (n % 100) / 10, longitude: (n % 180) + 0.5 },
      postal: { code: String(10_000 + n) },
    },
  ])
}
