// With enrichers, too, a stencil is a short cut and never another way.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EnrichSpec } from '../../../src/attribution/enrich/enrichment.ts'
import { WatchedFiles } from '../../../src/attribution/enrich/watched-file.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { mmdb, uint } from '../../attribution/enrich/write-mmdb.ts'
import { scratchDirectory } from '../../scratch-directory.ts'
import { full } from '../../seed.ts'

const directory = scratchDirectory('enriched')
const users = join(directory, 'users.csv')
const places = join(directory, 'places.mmdb')

function write(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}

/** Some say less than others: a row without a team, one without groups. */
const table = (team: string) =>
  [
    'id,team,groups,tenant,kind',
    ...Array.from(
      { length: 40 },
      (_, n) =>
        `u_${n},${n % 5 === 0 ? '' : `${team} ${n % 7} "é"`.replaceAll('"', '')},${n % 3 === 0 ? '' : `a;g${n}`},acme,${n % 2 ? 'service' : 'unknown'}`,
    ),
  ].join('\n')

write(users, table('Team'))
write(
  places,
  mmdb({
    type: 'Test',
    ipVersion: 4,
    networks: [
      ['10.0.0.0/9', { country: { iso_code: 'DE' }, city: { names: { en: 'Köln' } } }],
      ['10.1.0.0/16', { country: { iso_code: 'FR' }, autonomous_system_number: uint(64_500) }],
      ['10.128.0.0/9', { autonomous_system_number: uint(64_501) }],
    ],
  }),
)

const lookup = (set: Record<string, string>, more: object = {}): EnrichSpec => ({
  lookup: {
    file: users,
    format: 'csv',
    key: 'actor.id',
    match: 'exact',
    ignore_case: false,
    separator: ';',
    max_size: 1e6,
    set,
    ...more,
  },
})
const geoip: EnrichSpec = { geoip: { file: places, key: 'source.ip', language: 'en', max_size: 1e6 } }

const spec = (enrich: readonly EnrichSpec[], redact: NormaliserSpec['redact'] = []): NormaliserSpec => ({
  agent: { id: 'test', version: '0.0.0' },
  receiver: 'app',
  mapping: { preset: 'json' },
  raw: 'none',
  require: { default: ['actor.id', 'action', 'targets', 'outcome.result'], authentication: ['actor.id'] },
  redact,
  hashKeys: [{ id: 'test', secret: '5a'.repeat(32) }],
  routes: [{ name: 'all', to: ['out'], continue: false }],
  enrich,
})

const stream = { id: '0123456789abcdef0123456789abcdef', receiver: 'app' }

/** Both ways over the same chunks, byte for byte. */
function ways(which: NormaliserSpec) {
  const files = new WatchedFiles()
  const short = compileNormaliser(which, { files })
  const general = compileNormaliser(which, { files, stencils: false })
  let offset = 0
  return {
    files,
    both: (lines: readonly string[]): number => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      const before = short.served
      const chunk = () => ({ stream, bytes: new Uint8Array(bytes), offset, observed: 1_795_000_000_000 })
      const [a, b] = [short.lines(chunk()), general.lines(chunk())]
      expect(Buffer.from(a.payload).toString('utf8')).toBe(Buffer.from(b.payload).toString('utf8'))
      expect({ ...a, payload: 0 }).toEqual({ ...b, payload: 0 })
      offset += bytes.length
      return short.served - before
    },
  }
}

const enrichers: Record<string, readonly EnrichSpec[]> = {
  'static values': [
    { static: { 'producer.region': 'eu', 'metadata.site': 'a', scope: [{ id: 'o', type: 'organization' }] } },
  ],
  'a table': [lookup({ 'metadata.team': 'team', 'actor.groups': 'groups' })],
  'a table against what the record says': [lookup({ 'actor.name': 'team', 'actor.tenant': 'tenant' })],
  'a table that decides what is complete': [lookup({ 'actor.type': 'kind', action: 'team' })],
  'places and networks': [geoip],
  'all of them': [
    { static: { 'actor.tenant': 'acme', 'metadata.site': 'a' } },
    lookup({ 'metadata.team': 'team', 'actor.groups': 'groups' }),
    geoip,
    { user_agent: { key: 'source.user_agent' } },
  ],
  'a table asked with what another gave': [
    lookup({ 'actor.tenant': 'tenant' }),
    lookup({ 'metadata.team': 'team' }, { key: 'actor.tenant' }),
  ],
}

const line = fc.record(
  {
    ts: fc.constantFrom('2026-11-23T12:00:00Z', '2026-11-23T12:00:01.5Z'),
    event: fc.constantFrom('invoice.read', 'user.login', 'unknown'),
    user: fc.record(
      {
        id: fc.oneof(
          fc.nat(60).map((n) => `u_${n}`),
          fc.constantFrom('', 'a"b', 'ü', 7),
        ),
        name: fc.constantFrom('Team 1 é', 'x'),
      },
      { requiredKeys: ['id'] },
    ),
    ip: fc.oneof(
      fc.tuple(fc.nat(255), fc.nat(3)).map(([a, b]) => `10.${a}.${b}.7`),
      fc.constantFrom('192.0.2.1', 'no address'),
    ),
    user_agent: fc.constantFrom(
      'curl/8.5.0',
      'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    ),
    region: fc.constantFrom('eu', 'us'),
    org: fc.constantFrom('o', 'p'),
    tenant: fc.constantFrom('acme', 'other'),
    geo: fc.record({ country: fc.constantFrom('DE', 'FR') }),
  },
  { requiredKeys: ['ts', 'event', 'user'] },
)

test.each(Object.keys(enrichers))('%s', { timeout: 60_000 }, (name) => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 5, maxLength: 25 }), (records) => {
      const { both } = ways(spec(enrichers[name]!))
      const lines = records.map((record) => JSON.stringify(record))
      both(lines)
      both(lines)
      both(lines.toReversed())
    }),
    { numRuns: full ? 300 : 4 },
  )
})

const regular = (n: number) =>
  JSON.stringify({
    ts: new Date(1_795_000_000_000 + n * 7).toISOString(),
    event: n % 2 ? 'order.read' : 'order.update',
    user: { id: `u_${n % 50}` },
    order: `o_${n}`,
    ip: `10.${n % 256}.${n % 3}.${n % 250}`,
    user_agent: 'curl/8.5.0',
    result: 'success',
  })

test('a regular log keeps to stencils, also when a table has changed, whose new values it has', async () => {
  const { both, files } = ways(spec(enrichers['all of them']!))
  const lines = Array.from({ length: 1_500 }, (_, n) => regular(n))
  expect(both(lines)).toBeGreaterThan(1_400)
  write(users, table('Crew'))
  expect(await files.look()).toHaveLength(1)
  expect(both(lines)).toBeGreaterThan(1_400)
  write(users, 'id,team,groups,tenant,kind\nu_1,Last,,acme,\n')
  expect(await files.look()).toHaveLength(1)
  expect(both(lines)).toBeGreaterThan(1_400)
  write(users, table('Team'))
})

test('more than is remembered of a table: all begins anew, and stays true', () => {
  const large = join(directory, 'large.csv')
  const rows = Array.from({ length: 2_100 }, (_, n) => `u_${n},${`${n} `.repeat(1_000).slice(0, 4_096)}é`)
  write(large, ['id,note', ...rows].join('\n'))
  const { both } = ways(spec([lookup({ 'metadata.note': 'note' }, { file: large, max_size: 2e7 }), geoip]))
  const line = (n: number) =>
    JSON.stringify({
      ts: '2026-11-03T12:00:00Z',
      event: 'order.read',
      user: { id: `u_${n}` },
      ip: `10.${n % 3}.7.1`,
    })
  const numbers = Array.from({ length: 2_200 }, (_, n) => n)
  both([0, 1, 2_150].map(line))
  expect(both([...numbers, ...numbers.slice(0, 300)].map(line))).toBeGreaterThan(2_400)
})

test('addresses that a network of few decides, IPv6 ones, and those that are none', () => {
  write(
    places,
    mmdb({
      type: 'Test',
      ipVersion: 6,
      recordSize: 28,
      networks: [
        ['10.0.0.0/8', { country: { iso_code: 'DE' } }],
        ['10.0.0.128/25', { country: { iso_code: 'FR' } }],
        ['10.0.0.200/32', { country: { iso_code: 'NL' } }],
        ['2001:db8::/32', { country: { iso_code: 'JP' } }],
      ],
    }),
  )
  const { both } = ways(spec([geoip]))
  const ips = [
    '10.0.0.1',
    '10.0.0.129',
    '10.0.0.200',
    '10.0.0.201',
    '10.0.1.1',
    '2001:db8::7',
    '10.0.0.300',
    '11.0.0.1',
  ]
  const line = (n: number) =>
    JSON.stringify({
      ts: '2026-11-03T12:00:00Z',
      event: 'order.read',
      user: { id: 'a' },
      ip: ips[n % ips.length],
    })
  expect(both(Array.from({ length: 400 }, (_, n) => line(n)))).toBeGreaterThan(300)
})

test('what is redacted within what is added is redacted, whatever came before', () => {
  const rules: NormaliserSpec['redact'] = [
    { path: ['source.geo.city', 'actor.groups'], method: 'drop' },
    { key: ['team'], method: 'mask' },
  ]
  const { both } = ways(spec(enrichers['all of them']!, rules))
  const lines = Array.from({ length: 300 }, (_, n) => regular(n))
  both(lines.filter((one) => one.includes('"10.1.')))
  both(lines)
})
