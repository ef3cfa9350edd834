/**
 * Values while an expression runs.
 *
 * Scopes are plain JSON with `undefined` for what is absent. CEL's `double` is a JS number, its `int` a bigint, a map
 * made in an expression a `Map`, and an error the value `failed`: it travels like any other value, so that the
 * common path allocates nothing and throws nothing. Numbers in a scope are doubles, as in CEL's own JSON mapping.
 */
export const failed: unique symbol = Symbol('CEL error')

/** What is known of a value before the expression runs. */
export type Kind =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'null'
  | 'list'
  | 'map'
  | 'timestamp'
  | 'duration'
  | 'dyn'

/** Nanoseconds since 1970. The `$` keeps the member out of reach: no CEL identifier has one. */
export class Timestamp {
  readonly $nanos: bigint
  constructor(nanos: bigint) {
    this.$nanos = nanos
  }
}

export class Duration {
  readonly $nanos: bigint
  constructor(nanos: bigint) {
    this.$nanos = nanos
  }
}

type JsonObject = Readonly<Record<string, unknown>>

/** A JSON object of the scope, as against a list or a value of ours. */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Timestamp) &&
    !(value instanceof Duration)
  )
}

/** A key as maps made in expressions hold it, so that 1 and 1.0 are one key; undefined when it can be none. */
export function mapKey(value: unknown): string | boolean | bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint'
    ? value
    : undefined
}

/** The entry of a map, or undefined. Never what an object inherits. */
export function entry(map: JsonObject | ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (map instanceof Map) return map.get(mapKey(key))
  if (typeof key !== 'string' || !Object.hasOwn(map, key)) return undefined
  return (map as JsonObject)[key]
}

/** CEL's `==`: numbers by value across int and double, everything else only within its type. */
export function equals(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left === 'bigint' || typeof right === 'bigint') {
    return isNumber(left) && isNumber(right) && left <= right && left >= right
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((value, index) => equals(value, right[index]))
    )
  }
  if (left instanceof Timestamp) return right instanceof Timestamp && left.$nanos === right.$nanos
  if (left instanceof Duration) return right instanceof Duration && left.$nanos === right.$nanos
  if (!(right instanceof Map || isJsonObject(right))) return false
  const map = left instanceof Map ? left : (left as JsonObject)
  const keys = keysOf(map)
  if (keys.length !== keysOf(right).length) return false
  return keys.every((key) => {
    const other = entry(right, key)
    return other !== undefined && equals(entry(map, key), other)
  })
}

/** Keys of a map, without members that are `undefined`. */
export function keysOf(map: JsonObject | ReadonlyMap<unknown, unknown>): unknown[] {
  if (map instanceof Map) return [...map.keys()]
  return Object.keys(map).filter((key) => (map as JsonObject)[key] !== undefined)
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Negative, zero or positive; NaN where a NaN takes part; undefined when the two have no order. */
export function compare(left: unknown, right: unknown): number | undefined {
  if (isNumber(left) && isNumber(right)) {
    if (typeof left === typeof right)
      return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN
    return Number(left) - Number(right)
  }
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof Timestamp && right instanceof Timestamp) return sign(left.$nanos - right.$nanos)
  if (left instanceof Duration && right instanceof Duration) return sign(left.$nanos - right.$nanos)
  return undefined
}

const sign = (value: bigint) => (value < 0n ? -1 : value > 0n ? 1 : 0)

/** By code point, which differs from JavaScript's order where a surrogate meets U+E000 and above. */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return rank(a) - rank(b)
  }
  return left.length - right.length
}

/** Surrogates stand for code points above every other unit. */
const rank = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)
