/** Whether a source value fits its target, and as what. Undefined: it does not, and stays in `unmapped`. */

/** Text that is not empty; a number as its text. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** As `text`, and booleans as `true` and `false`: for templates. */
export function scalar(value: unknown): string | undefined {
  return typeof value === 'boolean' ? String(value) : text(value)
}

/** A list of texts; a single text is a list of one. */
export function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) {
    const one = text(value)
    return one === undefined ? undefined : [one]
  }
  if (value.length === 0) return undefined
  const all: string[] = []
  for (const item of value as readonly unknown[]) {
    const one = text(item)
    if (one === undefined) return undefined
    all.push(one)
  }
  return all
}

export function integer(value: unknown, min: number, max: number): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined
  return number >= min && number <= max ? number : undefined
}

export function number(value: unknown): number | undefined {
  const parsed = typeof value === 'string' && /^-?\d{1,9}(?:\.\d{1,15})?$/.test(value) ? Number(value) : value
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined
}

export function boolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : undefined
}

export function member(value: unknown, values: ReadonlySet<unknown>): string | undefined {
  return typeof value === 'string' && values.has(value) ? value : undefined
}

/** Anything that a record can hold but null and the empty text: those are what absence looks like. */
export function present(value: unknown): unknown {
  return value === null || value === '' || typeof value === 'function' ? undefined : value
}

const nothing: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null))

/** What to look for members in: `value`, or an object without any. */
export function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : nothing
}

/** A member whose name every object or array inherits something for. */
export function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined
}

/** The first element of an array whose member equals a text. */
export function find(value: unknown, key: string, equals: string): unknown {
  return Array.isArray(value) ? value[indexWhere(value, key, equals)] : undefined
}

/** Its index, or -1. */
export function indexWhere(items: readonly unknown[], key: string, equals: string): number {
  return items.findIndex((item) => scalar(own(item, key)) === equals)
}

/** What `of` finds in the elements of an array; those where it is nothing are left out. */
export function every(value: unknown, of: (element: unknown) => unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return undefined
  const found: unknown[] = []
  for (const item of value as readonly unknown[]) {
    const one = of(item)
    if (present(one) !== undefined) found.push(one)
  }
  return found.length === 0 ? undefined : found
}

export function element(value: unknown, index: number): unknown {
  return Array.isArray(value) ? value[index] : undefined
}
