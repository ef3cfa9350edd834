/**
 * Names move on while they are looked at: a rotation renames dozens of files within a millisecond, and what was at one
 * name when a directory was listed is at the next one when that was passed already. So a look counts only if the
 * directories stayed as they were from before it until after it.
 */
import type { Clock } from '../../../clock.ts'
import { statOrNull } from './locate.ts'

/** Looks, before it is given up to see the directories at rest. */
const most = 60
/** Milliseconds between two looks. */
const pause = 10
/** Milliseconds within which a second change may bear the time of the first. */
const clockTick = 20

/** `found`: something new, there may be more. `none`: no name at all. */
export type Sight = 'found' | 'nothing new' | 'none'

/** Looks until there is nothing new and nothing has moved meanwhile. False when that was given up. */
export async function untilStill(
  directories: Iterable<string>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  look: () => Promise<Sight>,
): Promise<boolean> {
  const all = [...directories]
  for (let looks = 0; looks < most; looks += 1) {
    const before = await lastChanges(all)
    const sight = await look()
    if (sight === 'none') return true
    if (sight === 'found') continue
    const after = await lastChanges(all)
    const now = clock.now()
    const still = after.every((at, index) => {
      return at === before[index] && Math.abs(now - Number(at / 1_000_000n)) > clockTick
    })
    if (still) return true
    await clock.sleep(pause, signal).catch(() => {})
    if (signal.aborted) return false
  }
  return false
}

async function lastChanges(directories: readonly string[]): Promise<bigint[]> {
  return await Promise.all(
    directories.map(async (directory) => (await statOrNull(directory).catch(() => null))?.mtimeNs ?? 0n),
  )
}
