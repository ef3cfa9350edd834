/** A mapping, or a part of one, as it was written. */
export type Raw = Readonly<Record<string, unknown>>

/** Where in it. */
export type At = readonly (string | number)[]

export function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
