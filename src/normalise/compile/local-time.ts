/**
 * From what a text says of a time to UTC. A zone or a year that it does not say is assumed and told, never in silence;
 * so is an hour that the clocks of a zone showed twice, or never.
 */
import { formatUnix } from '../../event/time.ts'
import { localToUtc } from './zone.ts'

/** A time as a text says it. Without an offset it is local; without a year, the year is unknown. */
export interface LocalTime {
  year?: number
  month: number
  day: number
  hour: number
  minute: number
  /** 60 in a leap second, which is read as the second behind it, as unix time counts. */
  second: number
  nanosecond: number
  /** Minutes east of UTC. */
  offset?: number
}

/** What was assumed where neither the text nor a configuration says an offset. */
export const assumedUtc = 'no offset, read as UTC'

export interface ReadTime {
  /** As events have it. */
  readonly text: string
  /** What had to be assumed, for people. */
  readonly assumed: string | undefined
}

/** An offset as two pairs of digits say it; undefined beyond 23:59, where RFC 3339 has none. */
export function minutesEast(hours = '0', minutes = '0'): number | undefined {
  const [whole, rest] = [Number(hours), Number(minutes)]
  return whole > 23 || rest > 59 ? undefined : whole * 60 + rest
}

const day = 86_400_000
/** Far enough back to find a 29th of February, also around 1900 and 2100. */
const years = 9

/**
 * Undefined for what no calendar has.
 * @param zone IANA zone of times without an offset
 * @param observed unix milliseconds: a time without a year is the latest that is at most a day after it
 */
export function utcOf(time: LocalTime, zone: string | undefined, observed: number): ReadTime | undefined {
  const assumed: string[] = []
  const year = time.year ?? yearBefore(time, observed)
  if (year === undefined || !exists(year, time)) return undefined
  if (time.year === undefined) assumed.push(`no year, read as ${year}`)
  const local = millisecondsIn(year, time)
  let utc = local - (time.offset ?? 0) * 60_000
  if (time.offset === undefined && zone === undefined) assumed.push(assumedUtc)
  else if (time.offset === undefined && zone !== undefined) {
    const found = localToUtc(local, zone)
    ;({ utc } = found)
    if (found.clocks === 'back') assumed.push(`twice in ${zone}, read as the first`)
    if (found.clocks === 'forward')
      assumed.push(`never in ${zone}, read as if its clocks had not gone forward`)
  }
  const text = formatUnix(Math.floor(utc / 1000), time.nanosecond)
  if (text === undefined) return undefined
  return { text, assumed: assumed.length === 0 ? undefined : assumed.join('; ') }
}

function millisecondsIn(year: number, { month, day: date, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, date, hour, minute, second)
}

/** Date takes years below 100 for those of the 20th century, and the 30th of February for one of March. */
function exists(year: number, time: LocalTime): boolean {
  if (year < 100 || (time.second === 60 && time.minute !== 59)) return false
  return new Date(Date.UTC(year, time.month - 1, time.day)).getUTCDate() === time.day
}

/** A day's grace: zones, and clocks that are not the same. */
function yearBefore(time: LocalTime, observed: number): number | undefined {
  const next = new Date(observed).getUTCFullYear() + 1
  for (let year = next; year > next - years; year--) {
    if (exists(year, time) && millisecondsIn(year, time) <= observed + day) return year
  }
  return undefined
}
