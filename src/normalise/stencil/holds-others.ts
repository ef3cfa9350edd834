/** Which lines are no record as they stand. */
import type { Mapping } from '../mapping/mapping.ts'
import type { Step } from '../mapping/path.ts'
import type { Shape, SlotPath } from './shape.ts'

/** Whether lines of a shape hold records, or texts that are expanded: an empty text is not. */
export function holdsOthers({ records, expand }: Mapping): (shape: Shape) => boolean {
  const first = records && String(records.segments[0])
  const paths = expand.map(({ path }) => path.segments)
  return ({ members, slots }) =>
    (first !== undefined && members.has(first)) ||
    slots.some(({ kind, path }) => kind === 'string' && paths.some((steps) => mayBeAt(path, steps)))
}

/** A filter may find any element. */
function mayBeAt(path: SlotPath, steps: readonly Step[]): boolean {
  return (
    path.length === steps.length &&
    steps.every((step, i) => typeof step === 'object' || String(step) === String(path[i]))
  )
}
