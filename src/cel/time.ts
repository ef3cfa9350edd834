/** CEL's timestamps and durations: reading, writing, and the calendar. */
import { Duration, failed, Timestamp } from './value.ts'

const nanosPerSecond = 1_000_000_000n
/** 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, as CEL bounds them. */
const earliest = -62_135_596_800n * nanosPerSecond
const latest = 253_402_300_800n * nanosPerSecond - 1n

export function timestampOf(nanos: bigint): Timestamp | typeof failed {
  return nanos < earliest || nanos > latest ? failed : new Timestamp(nanos)
}

/** 64 bits of nanoseconds: about 292 years. */
export function durationOf(nanos: bigint): Duration | typeof failed {
  return BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : failed
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/

export function parseTimestamp(text: string): Timestamp | typeof failed {
  const match = rfc3339.exec(text)
  if (match === null) return failed
  const fraction = match[7]
  const zone = match[8]!
  const day = `${match[1]}-${match[2]}-${match[3]}`
  const milliseconds = Date.parse(`${day}T${match[4]}:${match[5]}:${match[6]}${zone.toUpperCase()}`)
  // Date.parse takes 31 February for 3 March
  if (Number.isNaN(milliseconds) || new Date(`${day}T00:00:00Z`).getUTCDate() !== Number(match[3]))
    return failed
  const nanos = fraction === undefined ? 0n : BigInt(fraction.padEnd(9, '0'))
  return timestampOf(BigInt(milliseconds) * 1_000_000n + nanos)
}

const unitNanos: Readonly<Record<string, number>> = {
  h: 3_600_000_000_000,
  m: 60_000_000_000,
  s: 1_000_000_000,
  ms: 1_000_000,
  us: 1_000,
  µs: 1_000,
  ns: 1,
}

/** `1h30m`, `-1.5s`, `250ms`. */
export function parseDuration(text: string): Duration | typeof failed {
  if (text.length > 64 || !/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|ns)/.test(text)) {
    return text === '0' ? new Duration(0n) : failed
  }
  const negative = text.startsWith('-')
  const body = text.replace(/^[+-]/, '')
  const part = /(\d*)(?:\.(\d*))?(h|ms|m|s|us|µs|ns)/y
  let nanos = 0n
  while (part.lastIndex < body.length) {
    const match = part.exec(body)
    if (match === null || (match[1] === '' && (match[2] ?? '') === '')) return failed
    const unit = BigInt(unitNanos[match[3]!]!)
    const fraction = (match[2] ?? '').slice(0, 15)
    nanos += BigInt(match[1] || '0') * unit
    if (fraction !== '') nanos += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
  }
  return durationOf(negative ? -nanos : nanos)
}

export function formatTimestamp({ $nanos }: Timestamp): string {
  const text = new Date(Number(floorDivide($nanos, 1_000_000n))).toISOString().slice(0, 19)
  return `${text}${formatFraction(modulo($nanos, nanosPerSecond))}Z`
}

export function formatDuration({ $nanos }: Duration): string {
  const size = $nanos < 0n ? -$nanos : $nanos
  return `${$nanos < 0n ? '-' : ''}${size / nanosPerSecond}${formatFraction(size % nanosPerSecond)}s`
}

const formatFraction = (nanos: bigint) =>
  nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`

const modulo = (value: bigint, by: bigint) => ((value % by) + by) % by
const floorDivide = (value: bigint, by: bigint) => (value - modulo(value, by)) / by

/** Whole seconds since 1970: `int(timestamp)`. */
export const secondsOf = ({ $nanos }: Timestamp) => floorDivide($nanos, nanosPerSecond)

export const calendar = {
  getFullYear: (date: Date) => date.getUTCFullYear(),
  getMonth: (date: Date) => date.getUTCMonth(),
  getDate: (date: Date) => date.getUTCDate(),
  getDayOfMonth: (date: Date) => date.getUTCDate() - 1,
  getDayOfWeek: (date: Date) => date.getUTCDay(),
  getDayOfYear: (date: Date) => {
    const newYear = new Date(date)
    newYear.setUTCMonth(0, 1)
    return Math.floor((date.getTime() - newYear.getTime()) / 86_400_000)
  },
  getHours: (date: Date) => date.getUTCHours(),
  getMinutes: (date: Date) => date.getUTCMinutes(),
  getSeconds: (date: Date) => date.getUTCSeconds(),
  getMilliseconds: (date: Date) => date.getUTCMilliseconds(),
} as const

export const clockNanos = {
  getHours: 3_600n * nanosPerSecond,
  getMinutes: 60n * nanosPerSecond,
  getSeconds: nanosPerSecond,
} as const

/** The timestamp as a Date whose UTC members read as the wall clock in `zone`. */
export function inZone({ $nanos }: Timestamp, zone: string | undefined): Date | typeof failed {
  const date = new Date(Number(floorDivide($nanos, 1_000_000n)))
  if (zone === undefined) return date
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone)
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3])
    return new Date(date.getTime() + (offset[1] === '-' ? -minutes : minutes) * 60_000)
  }
  const format = formatFor(zone)
  if (format === undefined) return failed
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(date)) parts[type] = Number(value)
  const shifted = new Date(0)
  shifted.setUTCFullYear(parts.year!, parts.month! - 1, parts.day)
  shifted.setUTCHours(parts.hour!, parts.minute, parts.second, date.getUTCMilliseconds())
  return shifted
}

/** Making one costs 50 µs; zones come from expressions, and from events where somebody wrote it so: bounded. */
const formats = new Map<string, Intl.DateTimeFormat | undefined>()

function formatFor(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone)
  if (known !== undefined || formats.has(zone)) return known
  if (formats.size >= 64) formats.clear()
  let format: Intl.DateTimeFormat | undefined
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    format = undefined
  }
  formats.set(zone, format)
  return format
}
