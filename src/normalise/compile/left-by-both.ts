/** What two loops over the same array left of it: what either of them took is in the event. */

/** Of two remainders of one value what both have. `{}` stands for an element of which nothing is left. */
export function leftByBoth(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) {
    return one.map((item, i) => leftByBoth(item, other[i]))
  }
  if (isEmpty(one)) return one
  if (isEmpty(other)) return other
  if (!isObject(one) || !isObject(other)) return one
  const both = Object.entries(one).flatMap(([key, value]): [string, unknown][] =>
    Object.hasOwn(other, key) ? [[key, leftByBoth(value, other[key])]] : [],
  )
  return Object.fromEntries(both)
}

/** Whether nothing is left of any element. */
export function isNothing(left: unknown): boolean {
  return Array.isArray(left) ? left.length > 0 && left.every(isEmpty) : isEmpty(left)
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
