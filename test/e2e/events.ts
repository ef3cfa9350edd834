/** Delivered events, read back from what a file sink wrote, and held against the published schema. */
import { readFileSync, statSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { auditEventSchema } from '../../src/event/json-schema.ts'

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
const isValid = ajv.compile(auditEventSchema())

/** What the schema has against an event; undefined when nothing. */
export function invalid(event: unknown): string | undefined {
  return isValid(event) ? undefined : ajv.errorsText(isValid.errors)
}

/** What was last read of a file, so that polling costs nothing while it does not grow. */
const known = new Map<string, { readonly size: number; readonly events: OutputEvent[] }>()

/** Whole lines of an NDJSON file; none while there is no file. The agent's own events are left out. */
export function eventsIn(path: string): OutputEvent[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return []
  const last = known.get(path)
  if (last?.size === size) return last.events
  const text = readFileSync(path, 'utf8')
  const events = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line): OutputEvent => JSON.parse(line))
    .filter(({ action }) => !action.startsWith('affiant.'))
  known.set(path, { size, events })
  return events
}
