/** Where from, and in what: ECS's source, cloud, orchestrator, organization, host and service fields. */
import { isIP } from 'node:net'
import { type Members, present } from '../absent.ts'
import type { Line } from '../line.ts'

export const ipOf = (text: string | undefined): string | undefined =>
  text !== undefined && isIP(text) !== 0 && !text.includes('%') ? text : undefined

export function sourceOf({ source }: Line): Members | undefined {
  if (source === undefined) return undefined
  const { ip, port, hostname, asn } = source
  return present({
    address: ip ?? hostname,
    ip: ipOf(ip),
    port,
    domain: hostname,
    geo: geoOf(source.geo),
    as: asn === undefined ? undefined : { number: asn },
  })
}

/** Codes have two letters; what is longer is a name. */
function geoOf(geo: NonNullable<Line['source']>['geo']): Members | undefined {
  if (geo === undefined) return undefined
  const { city, country, continent, region, latitude, longitude, postal_code: code } = geo
  const isCode = (text: string | undefined) => text !== undefined && /^[A-Za-z]{2}$/.test(text)
  const inRange =
    latitude !== undefined &&
    longitude !== undefined &&
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180
  return present({
    city_name: city,
    [isCode(country) ? 'country_iso_code' : 'country_name']: country,
    [isCode(continent) ? 'continent_code' : 'continent_name']: continent,
    region_name: region,
    postal_code: code,
    location: inRange ? { lat: latitude, lon: longitude } : undefined,
  })
}

/** `cloud.provider`, by vendor in lower case. */
const providers: Readonly<Record<string, string>> = {
  aws: 'aws',
  amazon: 'aws',
  'amazon web services': 'aws',
  gcp: 'gcp',
  google: 'gcp',
  'google cloud': 'gcp',
  azure: 'azure',
  microsoft: 'azure',
  'microsoft azure': 'azure',
}

const level = ({ scope }: Line, ...types: readonly string[]) =>
  scope.find(({ type }) => type !== undefined && types.includes(type))

const entity = (found: { id?: string; name?: string } | undefined): Members | undefined =>
  found === undefined ? undefined : present({ id: found.id, name: found.name })

export function cloudOf(event: Line): Members | undefined {
  const { vendor, region } = event.producer
  const provider = providers[vendor?.toLowerCase() ?? '']
  if (provider === undefined) return undefined
  return present({
    provider,
    region: region ?? level(event, 'region')?.id,
    account: entity(level(event, 'account', 'subscription')),
    project: entity(level(event, 'project')),
  })
}

export function orchestratorOf(event: Line): Members | undefined {
  const cluster = level(event, 'cluster')
  if (event.producer.product !== 'kubernetes' && cluster === undefined) return undefined
  const [target] = event.targets ?? []
  return present({
    type: event.producer.product === 'kubernetes' ? 'kubernetes' : undefined,
    cluster: entity(cluster),
    namespace: level(event, 'namespace')?.id,
    resource:
      target === undefined ? undefined : present({ type: target.type, id: target.id, name: target.name }),
  })
}

export const organizationOf = (event: Line) =>
  entity(level(event, 'organization', 'organisation', 'org', 'tenant'))

export const hostOf = ({ producer: { host } }: Line) =>
  host === undefined ? undefined : { name: host, hostname: host }

export const serviceOf = ({ producer: { product, service, version } }: Line) =>
  present({ name: service ?? product, type: product, version })
