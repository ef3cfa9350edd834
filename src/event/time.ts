/**
 * Times of `audit-event/1`: RFC 3339 in UTC with exactly nine fractional digits, so that they sort as strings.
 * Both directions run for every record: no Date, and no regular expression, where the input is already UTC.
 */

/** 0000-01-01T00:00:00Z and 10000-01-01T00:00:00Z, unix seconds: what four digits of year can say. */
const firstSecond = -62_167_219_200
const endSecond = 253_402_300_800

let cachedSecond = Number.NaN
let cachedText = ''

/**
 * Unix seconds (a whole number) and nanoseconds within them (0 to 999,999,999) as a time; undefined outside the
 * years 0000 to 9999.
 */
export function formatUnix(seconds: number, nanoseconds: number): string | undefined {
  if (seconds !== cachedSecond) {
    if (!(seconds >= firstSecond && seconds < endSecond)) return undefined
    cachedText = new Date(seconds * 1000).toISOString().slice(0, 20)
    cachedSecond = seconds
  }
  return `${cachedText}${String(nanoseconds + 1_000_000_000).slice(1)}Z`
}

/** Unix milliseconds (whole or not) as a time. Throws a RangeError outside the years 0000 to 9999. */
export function formatTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const nanoseconds = Math.min(999_999_999, Math.round((milliseconds - seconds * 1000) * 1e6))
  const text = formatUnix(seconds, nanoseconds)
  if (text === undefined) throw new RangeError(`${milliseconds} ms is no time within the years 0000 to 9999`)
  return text
}

/** Days since 1970-01-01 of a date in the proleptic Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The number that two ASCII digits at `at` say, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Minutes east of UTC that `text` says from `at` to its end (`Z`, `z`, `+01:00`), or NaN. */
function offsetMinutes(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if ((sign | 0x20) === 0x7a) return at + 1 === text.length ? 0 : Number.NaN
  if ((sign !== 0x2b && sign !== 0x2d) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 0x3a) {
    return Number.NaN
  }
  const hours = twoDigits(text, at + 1)
  const minutes = twoDigits(text, at + 4)
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN
  return sign === 0x2d ? -(hours * 60 + minutes) : hours * 60 + minutes
}

/** Nine digits from those in `text` between `start` and `end`: cut off, never rounded up into the next second. */
function nineDigits(text: string, start: number, end: number): string {
  return end - start >= 9 ? text.slice(start, start + 9) : text.slice(start, end).padEnd(9, '0')
}

/**
 * An RFC 3339 date-time (section 5.6) as UTC with nine fractional digits; undefined when it is none. `T` may be
 * `t` or a space and `Z` may be `z` (the section's notes); a fraction may have any number of digits, of which
 * nine are kept. A leap second, valid only where UTC can have one (23:59:60 on a month's last day), becomes the
 * second after it, as unix time counts. Results outside the years 0000 to 9999 are undefined.
 */
export function normaliseRfc3339(text: string): string | undefined {
  if (text.length < 20) return undefined
  const century = twoDigits(text, 0)
  const yearOfCentury = twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hour = twoDigits(text, 11)
  const minute = twoDigits(text, 14)
  const second = twoDigits(text, 17)
  const year = century * 100 + yearOfCentury
  // Written so that NaN fails every comparison.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 60)) {
    return undefined
  }
  if (day > 28 && day > daysInMonth(year, month)) return undefined
  const separator = text.charCodeAt(10)
  if (
    text.charCodeAt(4) !== 0x2d ||
    text.charCodeAt(7) !== 0x2d ||
    (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) ||
    text.charCodeAt(13) !== 0x3a ||
    text.charCodeAt(16) !== 0x3a
  ) {
    return undefined
  }

  let end = 19
  if (text.charCodeAt(19) === 0x2e) {
    end = 20
    while (end < text.length) {
      const digit = text.charCodeAt(end) - 48
      if (digit < 0 || digit > 9) break
      end++
    }
    if (end === 20) return undefined
  }
  const offset = offsetMinutes(text, end)
  if (Number.isNaN(offset)) return undefined

  if (offset === 0 && second !== 60) {
    if (separator === 0x54 && end === 29 && text.charCodeAt(29) === 0x5a) return text
    const clock = separator === 0x54 ? text.slice(0, 19) : `${text.slice(0, 10)}T${text.slice(11, 19)}`
    return `${clock}.${nineDigits(text, 20, end)}Z`
  }

  const seconds = (daysFromCivil(year, month, day) * 1440 + hour * 60 + minute - offset) * 60 + second
  if (second === 60 && !followsLeapSecond(seconds)) return undefined
  return formatUnix(seconds, Number(nineDigits(text, 20, end)))
}

/** Whether a leap second can stand right before this unix second: at the beginning of a month. */
function followsLeapSecond(seconds: number): boolean {
  return seconds % 86_400 === 0 && new Date(seconds * 1000).getUTCDate() === 1
}
