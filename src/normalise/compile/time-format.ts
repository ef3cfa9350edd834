/**
 * Times as sources write them: RFC 3339 and its relatives, unix times, and patterns in the manner of strptime.
 * A zone or a year that the text does not say is reported, never assumed in silence.
 */
import { normaliseRfc3339 } from '../../event/time.ts'
import { readIsoLike } from './iso-like.ts'
import { type LocalTime, utcOf } from './local-time.ts'
import { compileTimePattern, timePatternProblem } from './time-pattern.ts'
import { guessUnix, readUnix, unixScales } from './unix-time.ts'
import { isZone } from './zone.ts'

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
  if (typeof format !== 'string') return 'a format is text, or a list of texts that are tried in order'
  if (format === 'auto' || format === 'rfc3339' || Object.hasOwn(unixScales, format)) return undefined
  if (format.includes('%')) return timePatternProblem(format)
  return `${JSON.stringify(format)} is none of auto, rfc3339, ${Object.keys(unixScales).join(', ')}, or a pattern such as %d/%b/%Y:%H:%M:%S %z`
}

/** What is wrong with a `zone`, or undefined. */
export function checkZone(zone: unknown): string | undefined {
  return typeof zone === 'string' && isZone(zone) ? undefined : `${JSON.stringify(zone)} is no IANA time zone`
}

/**
 * @param formats tried in order
 * @param zone IANA zone of times without an offset; without one UTC is assumed, and said so
 */
export function createTimeReader(formats: readonly string[], zone?: string): TimeReader {
  const reader: TimeReader = { original: undefined, assumed: undefined, read: () => undefined }
  const readsRfc3339 = formats.some((format) => format === 'auto' || format === 'rfc3339')
  const local = (time: LocalTime, observed: number): string | undefined => {
    const read = utcOf(time, zone, observed)
    if (read === undefined) return undefined
    reader.assumed = read.assumed
    return read.text
  }
  const parsers = formats.map((format) => compileFormat(format, local))
  reader.read = (value, observed) => {
    reader.original = undefined
    reader.assumed = undefined
    if (readsRfc3339 && typeof value === 'string') {
      const time = normaliseRfc3339(value)
      if (time !== undefined) return time
    }
    for (const parse of parsers) {
      const time = parse(value, observed)
      if (time === undefined) continue
      reader.original = String(value)
      return time
    }
    return undefined
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
      if (/^\d{10,19}(?:\.\d{1,20})?$/.test(value)) return guessUnix(value)
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
