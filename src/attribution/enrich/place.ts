/** What a database in MaxMind's format says of an address, as members of an event. It is data from outside. */
import { type Addition, type Additions, nothingToAdd } from './contract.ts'

/** All of its members are optional, and of any type. */
export type Located = Readonly<Record<string, unknown>>

/** @param language of names of places; `en` where a name is not in it */
export function additionsOf(found: Located, language: string): Additions {
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

export const asObject = (value: unknown): Located | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Located) : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
