/** What stands around a record, read so that nothing of it is lost: nobody behind the receiver sees it as it was written. */
import { membersIn } from './json-slices.ts'

/** As JSON.parse, but a number that a double would change stays as the text that it was. */
export const parseExact = (text: string): unknown => JSON.parse(text, exact)

function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined) return value
  return source.length <= 15 || String(value) === source ? value : source
}

/**
 * What stands behind each name of an object that is known to be valid; of a name given twice the last, with a warning.
 * Warnings are for `quality.warnings`.
 */
export function readAround(text: string): {
  readonly written: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
} {
  const written = new Map<string, string>()
  const warnings: string[] = []
  for (const [name, value] of membersIn(text)) {
    if (written.has(name)) warnings.push(`given twice around the record, the last one is kept: ${name}`)
    written.set(name, value)
  }
  return { written, warnings }
}
