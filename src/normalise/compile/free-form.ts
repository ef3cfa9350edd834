/**
 * Free-form values in canonical order, without what is redacted. An object that already is as it should be is
 * returned itself; where JavaScript cannot keep the order (`"10"` before `"9"`), the event is marked unsafe and is
 * written by the canonical writer instead.
 */
import type { KeyedHash } from '../../attribution/keyed-hash.ts'
import { compileRedaction, type KeyRedaction } from '../../attribution/redact/by-key.ts'
import { type RedactRule, replacement } from '../../attribution/redact/rule.ts'
import type { Segment } from '../../event/path.ts'
import { setMember } from '../set-member.ts'
import { indexWhere } from './fit.ts'
import { createRestNode, type RestNode, type RestPlan } from './rest-node.ts'
import { isIndexLike, ShapeCache } from './shape.ts'
import type { MappingState } from './state.ts'

/** Deeper records are kept as they came, marked; see normaliser. Below what the canonical writer takes. */
const maxDepth = 200

type Members = Record<string, unknown>

export interface FreeForm {
  /** What redaction says of a key; absent when there are no rules. */
  readonly redactionOf: ((key: string) => KeyRedaction | undefined) | undefined
  /** A value of `<member>`, or of `<member>.<key>`, for the event. */
  value(value: unknown, member: string, key?: string | number): unknown
  /** What no flag says was consumed of `<member>`, or of `<member>.<key>`; undefined when nothing is left. */
  rest(
    object: object,
    node: RestNode,
    flags: Int32Array,
    member: string,
    key?: string | number,
  ): Members | undefined
  /** An object with `restOf` in place of each value, without those that are undefined. */
  members(
    object: object,
    member: string,
    restOf: (key: string, value: unknown) => unknown,
  ): Members | undefined
  /** What stands for a value of `member`, whose redaction is noted. */
  redacted(redaction: KeyRedaction, member: string, value: unknown): string | undefined
}

export function createFreeForm(rules: readonly RedactRule[], state: MappingState, hash: KeyedHash): FreeForm {
  const redactionOf = compileRedaction(rules)
  /** Where the walk is, for `redactions[].path`; kept only where there are rules. */
  let trail: Segment[] = []
  const leaf = createRestNode()
  const noFlags = new Int32Array(1)

  function planFor(node: RestNode, keys: readonly string[]): RestPlan {
    const sorted = keys.toSorted()
    return {
      entries: sorted.map((key) => ({ key, node: node.keys.get(key) })),
      unordered: keys.some(isIndexLike),
    }
  }

  function copyValue(value: unknown, depth: number): unknown {
    if (typeof value === 'object' && value !== null) {
      if (depth > maxDepth) throw new RangeError(`the record is nested deeper than ${maxDepth} levels`)
      if (Array.isArray(value)) return copyArray(value, depth)
      return copyObject(value, leaf, noFlags, depth) ?? {}
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      warn(state, `a number that JSON cannot hold was written as text: ${value}`)
      return String(value)
    }
    return value === undefined ? null : value
  }

  function copyArray(items: readonly unknown[], depth: number): unknown {
    let copy: unknown[] | undefined
    for (let i = 0; i < items.length; i++) {
      const item = items[i]
      if (redactionOf !== undefined) trail.push(i)
      const value = typeof item === 'string' ? item : copyValue(item, depth + 1)
      if (redactionOf !== undefined) trail.pop()
      if (copy === undefined && value !== item) copy = items.slice(0, i)
      copy?.push(value)
    }
    return copy ?? items
  }

  /** Undefined when nothing is left of an object that had members. */
  function copyObject(object: object, node: RestNode, flags: Int32Array, depth: number): Members | undefined {
    if (depth > maxDepth) throw new RangeError(`the record is nested deeper than ${maxDepth} levels`)
    node.plans ??= new ShapeCache(node === leaf ? 512 : 32, (keys) => planFor(node, keys))
    const plan = node.plans.of(object)
    const members = object as Members
    let copy: Members | undefined = plan.entries.length === 0 ? {} : undefined
    for (const { key, node: child } of plan.entries) {
      let value = members[key]
      if (child !== undefined && (flags[child.word]! & child.bit) !== 0 && !isUntaken(child, value)) continue
      if (redactionOf !== undefined) {
        const redaction = redactionOf(key)
        trail.push(key)
        if (redaction !== undefined) {
          note(redaction, value)
          trail.pop()
          const instead = replacement(redaction, value, hash)
          if (instead !== undefined) copy = put(copy, key, instead)
          continue
        }
      }
      if (typeof value === 'object' && value !== null) {
        value = child === undefined ? copyValue(value, depth + 1) : copyChild(value, child, flags, depth + 1)
      } else if (typeof value === 'number') {
        value = copyValue(value, depth)
      }
      if (redactionOf !== undefined) trail.pop()
      if (value !== undefined) copy = put(copy, key, value)
    }
    if (plan.unordered && copy !== undefined) state.unsafe = true
    return copy
  }

  /** An object or array of which parts may have been consumed. */
  function copyChild(value: object, node: RestNode, flags: Int32Array, depth: number): unknown {
    if (state.leftovers?.has(node)) {
      const left = state.leftovers.get(node)
      // What was left has been redacted, and may not be again.
      const isWhole = node.items.size === 0 && node.every === undefined
      if (redactionOf !== undefined || !Array.isArray(left) || isWhole) return left
      return copyItems(left, { ...node, found: [] }, flags, depth)
    }
    if (!Array.isArray(value)) return copyObject(value, node, flags, depth)
    if (node.items.size === 0 && node.found.length === 0 && node.every === undefined)
      return copyArray(value, depth)
    return copyItems(value, node, flags, depth)
  }

  /** An array of which single elements were read: what is left of each; undefined when that is nothing at all. */
  function copyItems(
    items: readonly unknown[],
    { items: byIndex, every, found }: RestNode,
    flags: Int32Array,
    depth: number,
  ): unknown {
    const finds = found.map(({ filter, node }) => ({
      at: indexWhere(items, filter.key, filter.equals),
      node,
    }))
    let some = items.length === 0
    const left = items.map((item, i) => {
      const nodes = finds.filter(({ at }) => at === i).map(({ node }) => node)
      const own = byIndex.get(i)
      if (own !== undefined) nodes.push(own)
      if (every !== undefined) nodes.push(every)
      if (redactionOf !== undefined) trail.push(i)
      const rest = nodes.some(({ word, bit }) => (flags[word]! & bit) !== 0)
        ? undefined
        : nodes.reduce<unknown>(
            (value, node) =>
              typeof value === 'object' && value !== null ? copyChild(value, node, flags, depth + 1) : value,
            nodes.length === 0 ? copyValue(item, depth + 1) : item,
          )
      if (redactionOf !== undefined) trail.pop()
      if (rest !== undefined) some = true
      // An element keeps its place: what was taken of a list of texts stays beside what was not.
      if (rest !== undefined) return rest
      return typeof item === 'object' ? {} : item
    })
    return some ? left : undefined
  }

  function note({ method, rule }: KeyRedaction, value: unknown): void {
    state.notes.add(method, rule, trail)
    state.notes.take(value, state.notes.fields)
  }

  return {
    redactionOf,
    value(value, member, key) {
      trail = member.split('.')
      if (key !== undefined) trail.push(key)
      return copyValue(value, 1)
    },
    rest(object, node, flags, member, key) {
      trail = member.split('.')
      if (key !== undefined) trail.push(key)
      return copyObject(object, node, flags, 1)
    },
    members(object, member, restOf) {
      trail = member.split('.')
      const plan = planFor(leaf, Object.keys(object))
      let copy: Members | undefined
      for (const { key } of plan.entries) {
        const value = (object as Members)[key]
        const redaction = redactionOf?.(key)
        if (redaction !== undefined) {
          trail.push(key)
          note(redaction, value)
          trail.pop()
        }
        const left = redaction === undefined ? restOf(key, value) : replacement(redaction, value, hash)
        if (left !== undefined) copy = put(copy, key, left)
      }
      if (plan.unordered && copy !== undefined) state.unsafe = true
      return copy
    },
    redacted(redaction, member, value) {
      trail = member.split('.')
      note(redaction, value)
      return replacement(redaction, value, hash)
    },
  }
}

/** Of every element's value at a path, those that are nothing were left where they are. */
function isUntaken({ isOfEvery }: RestNode, value: unknown): boolean {
  return isOfEvery && (value === null || value === '')
}

function put(copy: Members | undefined, key: string, value: unknown): Members {
  const members = copy ?? {}
  setMember(members, key, value)
  return members
}

export function warn(state: MappingState, warning: string): void {
  state.warnings ??= []
  if (!state.warnings.includes(warning)) state.warnings.push(warning)
}
