/** The `time` of an envelope: seconds since 1970, as a number or a text, with every digit of the fraction. */
import { formatUnix, normaliseRfc3339 } from '../../event/time.ts'

/** Seconds have at most this many digits before the year 5138; more are milliseconds, microseconds or nanoseconds. */
const mostDigits = 11

/** As events write it; undefined where it is none. @param written JSON: a number, or a text */
export function timeOf(written: string): string | undefined {
  const text = written.startsWith('"') ? (JSON.parse(written) as string).trim() : written
  const [, whole, fraction = ''] = /^(\d{1,20})(?:\.(\d*))?$/.exec(plain(text)) ?? []
  if (whole === undefined) return normaliseRfc3339(text)
  const digits = whole.replace(/^0+(?=\d)/, '')
  const shift = Math.max(0, Math.ceil((digits.length - mostDigits) / 3)) * 3
  const seconds = digits.slice(0, digits.length - shift)
  const nanoseconds = (digits.slice(digits.length - shift) + fraction).slice(0, 9).padEnd(9, '0')
  return formatUnix(Number(seconds), Number(nanoseconds))
}

/** Without an exponent, as some libraries write large numbers (Java's: 1.7324000001E9); else as it is. */
function plain(text: string): string {
  const [, whole, fraction = '', exponent] = /^(\d{1,20})(?:\.(\d{1,30}))?[eE]\+?(\d{1,2})$/.exec(text) ?? []
  if (whole === undefined) return text
  const shift = Number(exponent)
  const digits = fraction.padEnd(shift, '0')
  return `${whole}${digits.slice(0, shift)}.${digits.slice(shift)}`.replace(/^0+(?=\d)/, '')
}
