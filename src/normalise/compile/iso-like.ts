/**
 * What RFC 3339 would be with a little more: `2022-11-29 00:09:04,38`, `2022-11-29T00:09:04+0100`,
 * `2022/11/29 00:09:04.123 UTC`.
 */
import { type LocalTime, minutesEast } from './local-time.ts'

const isoLike =
  /^(\d{4})([-/])(\d\d)\2(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,30}))?)? ?(?:(Z|z|UTC|GMT)|[A-Z]{3,5}|([+-])(\d\d):?(\d\d)?)?$/

/** Other abbreviations of zones than UTC's stand for many: such a time is local, and its zone is to be configured. */
export function readIsoLike(text: string): LocalTime | undefined {
  const match = isoLike.exec(text)
  if (match === null) return undefined
  const [, year, , month, day, hour, minute, second = '0', fraction = '', utc, sign, hours, minutes] = match
  const time: LocalTime = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    nanosecond: Number(fraction.slice(0, 9).padEnd(9, '0')),
  }
  if (time.month < 1 || time.month > 12 || time.hour > 23 || time.minute > 59 || time.second > 60)
    return undefined
  if (utc !== undefined) return { ...time, offset: 0 }
  if (sign === undefined) return time
  const offset = minutesEast(hours, minutes)
  if (offset === undefined) return undefined
  return { ...time, offset: sign === '-' ? -offset : offset }
}
