/** What generated code calls for the rarer needs of mappings: computed paths, `each`, redaction in lists. */
import type { Segment } from '../mapping/path.ts'
import { own, text } from './fit.ts'
import type { FreeForm } from './free-form.ts'
import { isNothing, leftByBoth } from './left-by-both.ts'
import type { RestNode } from './rest-node.ts'
import type { MappingState } from './state.ts'

type Members = Record<string, unknown>

export function createRuntime(state: MappingState, free: FreeForm) {
  const redacted = (key: string) => free.redactionOf?.(key) !== undefined

  /**
   * The value at keys that were computed. Neither a redacted field nor one that a plain path has taken already can
   * be read this way: the user who acts is not the user acted upon because the action is called user.login.
   */
  function computed(
    root: unknown,
    node: RestNode,
    flags: Int32Array,
    first: string | undefined,
    second: string | undefined,
  ): unknown {
    if (first === undefined || redacted(first)) return undefined
    const child = node.keys.get(first)
    if (child !== undefined && isSet(child, flags)) return undefined
    const value = own(root, first)
    if (second === undefined || value === undefined) return second === undefined ? value : undefined
    const grandchild = child?.keys.get(second)
    if (redacted(second) || (grandchild !== undefined && isSet(grandchild, flags))) return undefined
    return own(value, second)
  }

  function take(under: readonly Segment[], first: string, second: string | undefined): void {
    state.computed ??= []
    state.computed.push(second === undefined ? [...under, first] : [...under, first, second])
  }

  function gather(values: readonly unknown[]): readonly string[] | undefined {
    const found = values.flat().flatMap((value) => text(value) ?? [])
    return found.length > 0 ? found : undefined
  }

  /** What stands for a free-form member whose own name is redacted. */
  function redactedMember(name: string, target: string, value: unknown): string | undefined {
    const redaction = free.redactionOf?.(name)
    return redaction === undefined ? undefined : free.redacted(redaction, target, value)
  }

  /** What is left of one element of an array; `undefined` when nothing is. */
  function restOfItem(
    item: unknown,
    node: RestNode,
    flags: Int32Array,
    member: string,
    key: string | number,
  ): unknown {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      return free.value(item, member, key)
    }
    const rest = free.rest(item, node, flags, member, key)
    flags.fill(0)
    return rest
  }

  /** Names of the members that `each` goes over; undefined for an array, whose elements have none. */
  function keysOf(value: unknown): readonly string[] | undefined {
    if (Array.isArray(value)) return undefined
    return typeof value === 'object' && value !== null
      ? Object.keys(value).filter((key) => !redacted(key))
      : []
  }

  /** Notes what `each` left of an array, or of the members `keys` of an object. */
  function leave(
    node: RestNode,
    from: object,
    keys: readonly string[] | undefined,
    left: readonly unknown[],
    member: string,
  ): void {
    state.leftovers ??= new Map()
    const rest =
      keys === undefined
        ? left.map((one) => (one === undefined ? {} : one))
        : restOfMembers(from, keys, left, member)
    if (!state.leftovers.has(node)) {
      state.leftovers.set(node, rest)
      return
    }
    const both = leftByBoth(state.leftovers.get(node), rest)
    state.leftovers.set(node, isNothing(both) ? undefined : both)
  }

  function restOfMembers(
    from: object,
    keys: readonly string[],
    left: readonly unknown[],
    member: string,
  ): Members | undefined {
    const rests = new Map(keys.map((key, i) => [key, left[i]]))
    return free.members(from, member, (key) => rests.get(key))
  }

  function restOfRecord(record: object, root: RestNode, flags: Int32Array): Members | undefined {
    const rest = free.rest(record, root, flags, 'unmapped')
    flags.fill(0)
    if (state.computed === undefined) return rest
    return state.computed.reduce<Members | undefined>(
      (left, path) => (left === undefined ? undefined : without(left, path)),
      rest,
    )
  }

  return { computed, gather, keysOf, leave, redactedMember, restOfItem, restOfRecord, take }
}

const isSet = (node: RestNode, flags: Int32Array) => (flags[node.word]! & node.bit) !== 0

/** What is left of an object without what lies at a path; undefined when nothing is. */
function without(members: Readonly<Members>, [first, ...rest]: readonly Segment[]): Members | undefined {
  const left = Object.entries(members).flatMap(([key, value]): [string, unknown][] => {
    if (key !== String(first)) return [[key, value]]
    if (rest.length === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) {
      return rest.length === 0 ? [] : [[key, value]]
    }
    const below = without(value as Members, rest)
    return below === undefined ? [] : [[key, below]]
  })
  return left.length === 0 ? undefined : Object.fromEntries(left)
}
