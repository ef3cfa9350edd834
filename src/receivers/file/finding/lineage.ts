/**
 * Names from which a rotation may have taken the generations of one followed name. A link is rotated where its file lies,
 * and each start of a container has a file with the next number there: `0.log`, `1.log`.
 */
import { basename, dirname, join } from 'node:path'

const counted = /^(.*?)(\d{1,9})(\D*)$/
/** Numbers between two that are looked for. */
const most = 100

/** `targets`: where links of that name led, the oldest first; null and undefined where it was none. */
export function lineage(origin: string, targets: readonly (string | null | undefined)[]): readonly string[] {
  const names = new Set([origin])
  let last: string | undefined
  for (const target of targets) {
    if (typeof target !== 'string') continue
    if (last !== undefined) for (const name of between(last, target)) names.add(name)
    names.add(target)
    last = target
  }
  return [...names]
}

function between(first: string, last: string): string[] {
  const from = counted.exec(basename(first))
  const to = counted.exec(basename(last))
  if (!from || !to || dirname(first) !== dirname(last) || from[1] !== to[1] || from[3] !== to[3]) return []
  const [start, end] = [Number(from[2]), Number(to[2])]
  if (end - start > most) return []
  const numbers = Array.from({ length: Math.max(0, end - start - 1) }, (_, index) => start + 1 + index)
  return numbers.map((number) => join(dirname(first), `${from[1]}${number}${from[3]}`))
}
