/**
 * Operations of a JSON Patch in a shape (attribution/redact/json-patch.ts): where one's path has a name that is redacted, its
 * value must not be copied, and the line takes the general way.
 */
import { calledOf } from '../../attribution/redact/field-name.ts'
import { namesIn } from '../../attribution/redact/json-patch.ts'
import type { Shape, SlotPath } from './shape.ts'
import type { SlotUse } from './slot-use.ts'

/** The uses of a shape's slots, with what the paths of operations must not say. */
export function withPatches(
  { slots }: Shape,
  uses: readonly SlotUse[],
  names: readonly string[],
): readonly SlotUse[] {
  if (names.length === 0 || !slots.some(({ path }) => path.at(-1) === 'op')) return uses
  const folded = new Set(names.map((name) => name.toLowerCase()))
  const refuses = (text: string) =>
    namesIn(text).some((name) => calledOf(name, (each) => folded.has(each)) !== undefined)
  const objects = new Set(
    slots.flatMap(({ path }) => (path.at(-1) === 'op' ? [nameOf(path.slice(0, -1))] : [])),
  )
  return uses.map((use, slot) => {
    const { path, kind } = slots[slot]!
    const isPath = kind === 'string' && path.at(-1) === 'path' && objects.has(nameOf(path.slice(0, -1)))
    return isPath ? { ...use, refusals: [...use.refusals, { refuses }] } : use
  })
}

const nameOf = (path: SlotPath): string => JSON.stringify(path)
