/** Numbers and bytes: what OTLP can say and JSON cannot. */
import { shown, type Warnings } from './warnings.ts'

/** JSON has no integers beyond 2^53 that every reader agrees on: those become decimal strings. */
export function exactInteger(value: number | bigint, name: string, warnings: Warnings): number | string {
  if (typeof value === 'number') return value
  warnings.add(`${shown(name)} is an integer beyond 2^53-1, kept as a string`)
  return value.toString()
}

/** JSON has no NaN and no infinities: those become strings. Its -0 is 0. */
export function finiteDouble(value: number, name: string, warnings: Warnings): number | string {
  if (Number.isFinite(value)) return value === 0 ? 0 : value
  warnings.add(`${shown(name)} is ${value}, kept as a string`)
  return String(value)
}

/** JSON has no bytes: those become base64, and which text is some is said. */
export function bytesAsText(base64: string, name: string, warnings: Warnings): string {
  warnings.add(`${shown(name)} is bytes, kept as base64`)
  return base64
}
