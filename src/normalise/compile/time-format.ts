/**
 * Times as sources write them: RFC 3339 and its relatives, unix times, and patterns in the manner of strptime.
 * A zone or a year that the text does not say is reported, never assumed in silence.
 */
import { formatUnix, normaliseRfc3339 } from '../../event/time.ts'
import { compileTimePattern, type LocalTime, timePatternProblem } from './time-pattern.ts'
import { isZone, localToUtc } from './zone.ts'

const unixScales = { unix_s: 0, unix_ms: 3, unix_us: 6, unix_ns: 9 } as const

export interface TimeReader {
  /** The time in `audit-event/1`'s form, or undefined when `value` is none. `observed`: unix milliseconds. */
  read(value: unknown, observed: number): string | undefined
  /** After a successful read: the source's text where it was not RFC 3339. */
  original: string | undefined
  /** After a successful read: what had to be assumed, for `quality.warnings`. */
  assumed: string | undefined
}

/** What is wrong with a `format`, or undefined. */
export function checkTimeFormat(format: unknown): string | undefined {
  if (typeof format !== 'string') return 'a format is text'
  if (format === 'auto' || format === 'rfc3339' || Object.hasOwn(unixScales, format)) return undefined
  if (format.includes('%')) return timePatternProblem(format)
  return `${JSON.stringify(format)} is none of auto, rfc3339, ${Object.keys(unixScales).join(', ')}, or a pattern such as %d/%b/%Y:%H:%M:%S %z`
}

/** What is wrong with a `zone`, or undefined. */
export function checkZone(zone: unknown): string | undefined {
  return typeof zone === 'string' && isZone(zone) ? undefined : `${JSON.stringify(zone)} is no IANA time zone`
}

/** @param zone IANA zone of times without an offset; without one UTC is assumed, and said so. */
export function createTimeReader(format: string, zone?: string): TimeReader {
  const reader: TimeReader = { original: undefined, assumed: undefined, read: () => undefined }
  const local = (time: LocalTime, observed: number): string | undefined => {
    let year = time.year
    if (year === undefined) {
      year = yearBefore(time, observed)
      reader.assumed = `time: no year, read as ${year}`
    }
    let milliseconds = Date.UTC(year, time.month - 1, time.day, time.hour, time.minute, time.second)
    if (year < 100 || new Date(milliseconds).getUTCDate() !== time.day) return undefined
    if (time.offset !== undefined) milliseconds -= time.offset * 60_000
    else if (zone !== undefined) milliseconds = localToUtc(milliseconds, zone)
    else reader.assumed = `${reader.assumed ?? 'time: no offset'}, read as UTC`
    return formatUnix(Math.floor(milliseconds / 1000), time.nanosecond)
  }
  const parse = compileFormat(format, local)
  reader.read = (value, observed) => {
    reader.original = undefined
    reader.assumed = undefined
    if (typeof value === 'string' && (format === 'auto' || format === 'rfc3339')) {
      const time = normaliseRfc3339(value)
      if (time !== undefined) return time
    }
    const time = parse(value, observed)
    if (time !== undefined) reader.original = String(value)
    return time
  }
  return reader
}

type Parse = (value: unknown, observed: number) => string | undefined

function compileFormat(
  format: string,
  local: (time: LocalTime, observed: number) => string | undefined,
): Parse {
  if (format === 'rfc3339') return () => undefined
  if (format === 'auto') {
    return (value, observed) => {
      if (typeof value === 'number') return guessUnix(value)
      if (typeof value !== 'string') return undefined
      if (/^\d{10,19}(?:\.\d{1,9})?$/.test(value)) return guessUnix(value)
      const time = readIsoLike(value)
      return time === undefined ? undefined : local(time, observed)
    }
  }
  if (format in unixScales) {
    const scale = unixScales[format as keyof typeof unixScales]
    return (value) =>
      typeof value === 'number' || typeof value === 'string' ? readUnix(value, scale) : undefined
  }
  const pattern = compileTimePattern(format)
  return (value, observed) => {
    if (typeof value !== 'string') return undefined
    const time = pattern(value)
    return time === undefined ? undefined : local(time, observed)
  }
}

/** Seconds, milli-, micro- or nanoseconds by magnitude: each unit's years 1973 to 5138 exclude the others'. */
function guessUnix(value: number | string): string | undefined {
  const magnitude = Number(value)
  if (!(magnitude >= 1e8 && magnitude < 1e20)) return undefined
  return readUnix(value, magnitude < 1e11 ? 0 : magnitude < 1e14 ? 3 : magnitude < 1e17 ? 6 : 9)
}

/** @param scale decimal digits from the unit to seconds: 3 for milliseconds. */
function readUnix(value: number | string, scale: number): string | undefined {
  if (typeof value === 'number' && scale === 3 && Number.isSafeInteger(value)) {
    const seconds = Math.floor(value / 1000)
    return formatUnix(seconds, (value - seconds * 1000) * 1e6)
  }
  const match = /^(-?)(\d{1,20})(?:\.(\d{1,20}))?$/.exec(String(value))
  if (match === null) return undefined
  const fraction = (match[3] ?? '').padEnd(9 - scale, '0').slice(0, 9 - scale)
  const nanoseconds = BigInt(`${match[1]}${match[2]}${fraction}`)
  const within = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return formatUnix(Number((nanoseconds - within) / 1_000_000_000n), Number(within))
}

const isoLike =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,30}))?)? ?(?:(Z|z|UTC|GMT)|([+-])(\d\d):?(\d\d)?)?$/

/** `2022-11-29 00:09:04.38`, `2022-11-29T00:09:04+0100`: what RFC 3339 would be with a little more. */
function readIsoLike(text: string): LocalTime | undefined {
  const match = isoLike.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', utc, sign, offsetHour, offsetMinute] =
    match
  const time: LocalTime = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    nanosecond: Number(fraction.slice(0, 9).padEnd(9, '0')),
  }
  if (time.month < 1 || time.month > 12 || time.hour > 23 || time.minute > 59 || time.second > 59)
    return undefined
  if (utc !== undefined) return { ...time, offset: 0 }
  if (sign === undefined) return time
  const offset = Number(offsetHour) * 60 + Number(offsetMinute ?? 0)
  return { ...time, offset: sign === '-' ? -offset : offset }
}

/** The latest year that puts `time` at most a day after `observed`. */
function yearBefore(time: LocalTime, observed: number): number {
  const year = new Date(observed).getUTCFullYear()
  const at = Date.UTC(year, time.month - 1, time.day, time.hour, time.minute, time.second)
  return at > observed + 86_400_000 ? year - 1 : year
}
