/** Objects of an API server: whatever is not of the type that it should be counts as absent. */

export type Received = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Received =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function objectAt(value: unknown, name: string): Received {
  const found = isObject(value) ? value[name] : undefined
  return isObject(found) ? found : {}
}

/** An empty text is none: that is how Go writes what is not there. */
export function textAt(value: unknown, name: string): string | undefined {
  const found = isObject(value) ? value[name] : undefined
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function listAt(value: unknown, name: string): readonly unknown[] {
  const found = isObject(value) ? value[name] : undefined
  return Array.isArray(found) ? found : []
}
