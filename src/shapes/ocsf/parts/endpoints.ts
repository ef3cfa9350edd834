/** Where from and where to: OCSF's endpoints and device. */
import { isIP } from 'node:net'
import { type Members, present } from '../../absent.ts'
import type { Line } from '../../line.ts'
import { unknownName } from '../part.ts'

/** `ip_t` has at most 40 characters. */
const ipOf = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= 40 && isIP(text) !== 0 ? text : undefined

export function srcEndpoint({ source }: Line): Members | undefined {
  if (source === undefined) return undefined
  const ip = ipOf(source.ip)
  const name = source.hostname ?? (ip === undefined ? source.ip : undefined)
  const named = ip ?? name ?? source.device_id
  // A port or a place alone name no endpoint.
  if (
    named === undefined &&
    source.geo === undefined &&
    source.port === undefined &&
    source.asn === undefined
  ) {
    return undefined
  }
  const proxies = source.ip_chain?.slice(1).filter((each) => ipOf(each) !== undefined)
  return present({
    ip,
    port: source.port,
    hostname: name,
    uid: source.device_id,
    name: named === undefined ? unknownName : undefined,
    location: locationOf(source.geo),
    autonomous_system: source.asn === undefined ? undefined : { number: source.asn },
    intermediate_ips: proxies,
  })
}

/** Classes that require a source get one that says that it is not known. */
export const srcEndpointOrUnknown = (event: Line): Members => srcEndpoint(event) ?? { name: unknownName }

function locationOf(geo: NonNullable<Line['source']>['geo']): Members | undefined {
  if (geo === undefined) return undefined
  const { city, country, continent, region, latitude, longitude, postal_code: code } = geo
  if ((city ?? country ?? region ?? code) === undefined) return undefined
  return present({ city, country, continent, region, postal_code: code, lat: latitude, long: longitude })
}

export const dstEndpoint = ({ producer: { host } }: Line) =>
  host === undefined ? undefined : { hostname: host }

export const device = ({ producer: { host } }: Line) =>
  host === undefined ? undefined : { hostname: host, type_id: 0, type: unknownName }
