/** Whether a time is left as it is by `splitZone` (entry.ts): its zone is UTC, an offset, or not there. */
import { hasAt } from './audit-fields.ts'

const utc = Buffer.from(' UTC')

export function isZoneKept(bytes: Uint8Array, from: number, to: number): boolean {
  if (hasAt(bytes, to - utc.length, to, utc)) return true
  for (let at = to - 1; at > from; at--) {
    if (bytes[at] === 0x20) return !isLetter(bytes[at + 1]!)
  }
  return true
}

const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
