/**
 * Free-form values in canonical order, without what is redacted. An object that already is as it should be is
 * returned itself; where JavaScript cannot keep the order (`"10"` before `"9"`), the event is marked unsafe and is
 * written by the canonical writer instead.
 */
import type { KeyedHash } from '../../attribution/keyed-hash.ts'
import {
  compileRedaction,
  type KeyRedaction,
  type RedactRule,
  replacement,
} from '../../attribution/redact.ts'
import { formatPath, type Segment } from '../mapping/path.ts'
import { createRestNode, type RestNode, type RestPlan } from './rest-node.ts'
import { isIndexLike, ShapeCache } from './shape.ts'
import type { MappingState } from './state.ts'

/** Deeper records are kept as they came, marked; see normaliser. Below what the canonical writer takes. */
const maxDepth = 200

type Members = Record<string, unknown>

export interface FreeForm {
  /** What redaction says of a key; absent when there are no rules. */
  readonly redactionOf: ((key: string) => KeyRedaction | undefined) | undefined
  /** A value of `<member>`, for the event. */
  value(value: unknown, member: string): unknown
  /** What no flag says was consumed, or undefined when nothing is left. */
  rest(object: object, node: RestNode, flags: Int32Array, member: string): Members | undefined
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
      if (child !== undefined && (flags[child.word]! & child.bit) !== 0) continue
      let value = members[key]
      if (redactionOf !== undefined) {
        const redaction = redactionOf(key)
        trail.push(key)
        if (redaction !== undefined) {
          note(redaction)
          trail.pop()
          const instead = replacement(redaction.method, value, hash)
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
    const leftover = state.leftovers?.get(node)
    if (leftover !== undefined) return leftover
    if (!Array.isArray(value)) return copyObject(value, node, flags, depth)
    // An item taken by its index: the list stays whole, unless it was the only one.
    const only = value.length === 1 ? node.items.get(0) : undefined
    if (only !== undefined && (flags[only.word]! & only.bit) !== 0) return undefined
    return copyValue(value, depth)
  }

  function note({ method, rule }: KeyRedaction): void {
    state.redactions ??= []
    state.redactions.push({ method, path: formatPath(trail), rule })
  }

  return {
    redactionOf,
    value(value, member) {
      trail = member.split('.')
      return copyValue(value, 1)
    },
    rest(object, node, flags, member) {
      trail = member.split('.')
      return copyObject(object, node, flags, 1)
    },
    redacted(redaction, member, value) {
      trail = member.split('.')
      note(redaction)
      return replacement(redaction.method, value, hash)
    },
  }
}

function put(copy: Members | undefined, key: string, value: unknown): Members {
  const members = copy ?? {}
  // Assigning __proto__ would set the prototype.
  if (key === '__proto__')
    Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true })
  else members[key] = value
  return members
}

export function warn(state: MappingState, warning: string): void {
  state.warnings ??= []
  if (!state.warnings.includes(warning)) state.warnings.push(warning)
}
