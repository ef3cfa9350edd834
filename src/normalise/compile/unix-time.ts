/** Unix times: numbers, or texts of digits, with a fraction or without. Texts keep digits that a double would not. */
import { formatUnix } from '../../event/time.ts'

/** Decimal digits from the unit to seconds. */
export const unixScales = { unix_s: 0, unix_ms: 3, unix_us: 6, unix_ns: 9 } as const

/** Seconds, milli-, micro- or nanoseconds by magnitude: each unit's years 1973 to 5138 exclude the others'. */
export function guessUnix(value: number | string): string | undefined {
  const magnitude = Number(value)
  if (!(magnitude >= 1e8 && magnitude < 1e20)) return undefined
  return readUnix(value, magnitude < 1e11 ? 0 : magnitude < 1e14 ? 3 : magnitude < 1e17 ? 6 : 9)
}

/** @param scale decimal digits from the unit to seconds: 3 for milliseconds. */
export function readUnix(value: number | string, scale: number): string | undefined {
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
