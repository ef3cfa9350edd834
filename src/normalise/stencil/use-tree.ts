/** The uses of all values of a record, by where they are. */
import { matchClass } from './match-class.ts'
import type { SlotPath } from './shape.ts'
import { content, type SlotUse } from './slot-use.ts'
import { TableKeys } from './table-keys.ts'

/** Every element or member: `each`, filters. */
export const any: unique symbol = Symbol('every element or member')
export type Place = readonly (string | typeof any)[]

/** What is read at one place of records, and below it. */
class UseNode {
  readonly use: SlotUse = content()
  readonly below = new Map<string, UseNode>()
  any: UseNode | undefined

  at(segment: string | typeof any): UseNode {
    let next = segment === any ? this.any : this.below.get(segment)
    if (next === undefined) {
      next = new UseNode()
      if (segment === any) this.any = next
      else this.below.set(segment, next)
    }
    return next
  }
}

export class UseTree {
  readonly #root = new UseNode()

  /** Of this place by itself: to be changed. */
  at(place: Place): SlotUse {
    return place.reduce<UseNode>((node, segment) => node.at(segment), this.#root).use
  }

  /** Of a record's value. Elements and members are used as a mapping names them: by their index or key, or all alike. */
  of(path: SlotPath): SlotUse {
    let nodes: UseNode[] = [this.#root]
    for (const segment of path) {
      nodes = nodes.flatMap(({ below, any: each }) =>
        [below.get(String(segment)), each].filter((node) => node !== undefined),
      )
    }
    return allOf(nodes.map(({ use }) => use))
  }
}

/** Whether what classes are together is a number that no other combination has. */
function areCounted(classes: SlotUse['classes']): boolean {
  return Number.isSafeInteger(classes.reduce((product, { count }) => product * count, 1))
}

function allOf(uses: readonly SlotUse[]): SlotUse {
  const keys = new TableKeys()
  for (const use of uses) if (use.keys !== undefined) keys.addAll(use.keys)
  const times = uses.flatMap((use) => use.time ?? [])
  const matches = uses.flatMap((use) => use.matches)
  const classes = uses.flatMap((use) => use.classes)
  if (matches.length > 0) classes.push(matchClass(matches))
  const decides = keys.size > 0 || classes.length > 0
  const exact =
    uses.some((use) => use.exact) || times.length > 1 || (times.length > 0 && decides) || !areCounted(classes)
  return {
    exact,
    keys: keys.size === 0 ? undefined : keys,
    classes,
    matches,
    time: exact ? undefined : times[0],
    timeForm: undefined,
    isSecret: false,
    isPart: uses.some((use) => use.isPart),
    refusals: uses.flatMap((use) => use.refusals),
  }
}
