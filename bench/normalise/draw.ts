/** Values as they stand in audit logs, drawn from a fixed seed: few actors and actions, many ids and times. */
import { random } from '../random.ts'

export type Draw = ReturnType<typeof createDraw>

const firstTime = 1_764_000_000_000
const users = 2_000

export function createDraw(seed: number) {
  const next = random(seed)
  const int = (below: number) => Math.floor(next() * below)
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('')
  return {
    int,
    hex,
    pick: <T>(list: readonly T[]): T => list[int(list.length)]!,
    /** True once in `n` times. */
    oneIn: (n: number) => int(n) === 0,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    user: () => `user${int(users)}`,
    /** From the blocks for documentation and private use. */
    ip: () => `10.${int(256)}.${int(256)}.${int(256)}`,
    /** A moment of record `n`: time goes on by a few milliseconds a record. Unix milliseconds. */
    time: (n: number) => firstTime + n * 7,
    /** The same with as many digits behind the second's point. */
    timestamp(n: number, digits: number): string {
      const text = new Date(firstTime + n * 7).toISOString()
      const fraction = `${text.slice(20, 23)}${String(int(1e6)).padStart(6, '0')}`
      return digits === 0 ? `${text.slice(0, 19)}Z` : `${text.slice(0, 20)}${fraction.slice(0, digits)}Z`
    },
  }
}
