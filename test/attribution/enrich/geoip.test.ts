import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { geoipEnricher } from '../../../src/attribution/enrich/geoip.ts'
import { WatchedFiles } from '../../../src/attribution/enrich/watched-file.ts'
import { scratchDirectory } from '../../scratch-directory.ts'
import { mmdb, uint } from './write-mmdb.ts'

const directory = scratchDirectory('geoip')

const bonn = {
  city: { names: { en: 'Bonn', de: 'Bonn am Rhein' } },
  continent: { code: 'EU' },
  country: { iso_code: 'DE' },
  location: { latitude: 50.73, longitude: 7.1 },
  postal: { code: '53111' },
  subdivisions: [{ iso_code: 'NW', names: { en: 'North Rhine-Westphalia' } }],
}
const city = mmdb({
  type: 'Test-City',
  ipVersion: 6,
  networks: [
    ['192.0.2.0/24', { country: { iso_code: 'FR' } }],
    ['192.0.2.128/25', bonn],
    ['2001:db8::/32', { country: { iso_code: 'JP' } }],
    ['198.51.100.0/24', {}],
  ],
})
const asn = mmdb({
  type: 'Test-ASN',
  ipVersion: 4,
  networks: [['203.0.113.0/24', { autonomous_system_number: uint(64_500) }]],
})

function written(name: string, bytes: Buffer): string {
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}

function geoip(file: string, files = new WatchedFiles(), language = 'en') {
  const enricher = geoipEnricher({ file, key: 'source.ip', language, max_size: 1_000_000 }, files)
  return {
    enricher,
    find: (ip: string) =>
      Object.fromEntries(enricher.additionsFor(ip).map(({ member, value }) => [member, value])),
  }
}

test('a city, in canonical order, without what the database does not know', () => {
  const { find } = geoip(written('city.mmdb', city))
  const geo = {
    city: 'Bonn',
    continent: 'EU',
    country: 'DE',
    latitude: 50.73,
    longitude: 7.1,
    postal_code: '53111',
    region: 'North Rhine-Westphalia',
  }
  expect(JSON.stringify(find('192.0.2.200')['source.geo'])).toBe(JSON.stringify(geo))
  expect(find('::ffff:192.0.2.200')['source.geo']).toEqual(geo)
  expect(find('192.0.2.1')).toEqual({ 'source.geo': { country: 'FR' } })
  expect(find('2001:db8::7')).toEqual({ 'source.geo': { country: 'JP' } })
  expect(geoip(join(directory, 'city.mmdb'), new WatchedFiles(), 'de').find('192.0.2.200')).toMatchObject({
    'source.geo': { city: 'Bonn am Rhein', region: 'North Rhine-Westphalia' },
  })
})

test.each(['198.51.100.1', '10.0.0.1', '2001:db9::1', 'host.example', '', '192.0.2.200:443'])(
  'of %j it knows nothing',
  (text) => {
    expect(geoip(join(directory, 'city.mmdb')).find(text)).toEqual({})
  },
)

test('a network; an IPv6 address is in no database of IPv4', () => {
  const { find } = geoip(written('asn.mmdb', asn))
  expect(find('203.0.113.9')).toEqual({ 'source.asn': 64_500 })
  expect(find('2001:db8::7')).toEqual({})
})

test('a new database is used, and what was remembered is not', async () => {
  const files = new WatchedFiles()
  const path = written('changing.mmdb', asn)
  const { find, enricher } = geoip(path, files)
  expect(find('203.0.113.9')).toEqual({ 'source.asn': 64_500 })
  const networks = [['203.0.113.0/24', { autonomous_system_number: uint(64_501) }]] as const
  renameSync(written('new', mmdb({ type: 'Test-ASN', ipVersion: 4, networks })), path)
  await files.look()
  expect(find('203.0.113.9')).toEqual({ 'source.asn': 64_501 })
  expect(enricher.version).toBe(1)
  renameSync(written('new', asn.subarray(0, 40)), path)
  expect((await files.look())[0]?.problem).toMatch(/changing\.mmdb: is no database in MaxMind DB format/)
  expect(find('203.0.113.9')).toEqual({ 'source.asn': 64_501 })
})

test('what is no database is refused at the start', () => {
  expect(() => geoip(written('text.mmdb', Buffer.from('hello')))).toThrow(/text\.mmdb: is no database/)
})
