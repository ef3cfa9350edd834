/** The value at a path, looked up step by step: where speed is no matter. Compiled mappings have their own way. */
import type { Step } from './path.ts'

/** Undefined where there is none. Own members only. */
export function valueAt(record: unknown, steps: readonly Step[]): unknown {
  let value = record
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined
    if (typeof step !== 'object') value = Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined
    else if (Array.isArray(value)) {
      value = value.find((element: unknown) => textOf(valueAt(element, [step.key])) === step.equals)
    } else return undefined
  }
  return value
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
