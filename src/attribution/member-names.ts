/** Names of an event's members as configurations write them, for those that are written wrong. */
import { nearest } from '../cel/nearest.ts'
import { auditEvent } from '../event/audit-event.ts'
import { lazily } from '../lazily.ts'

interface Schema {
  readonly def: { readonly type: string; readonly innerType?: Schema; readonly element?: Schema }
  readonly shape?: Readonly<Record<string, Schema>>
}

/** Dotted: `actor.id`, `source.geo.city`, `targets.id`. Of what free-form members hold, no names. */
const memberNames = lazily((): readonly string[] => namesBelow(auditEvent() as unknown as Schema, ''))

/** `. Did you mean actor.id?`, for behind a message; empty where nothing is near. */
export function didYouMean(written: string, allowed: (name: string) => boolean = () => true): string {
  const guess = nearest(written, memberNames().filter(allowed))
  return guess === undefined ? '' : `. Did you mean ${guess}?`
}

/** Whether events can have something there. Below a free-form member that is anything. */
export function isMember(written: string): boolean {
  let at: Schema | undefined = auditEvent() as unknown as Schema
  for (const name of written.split('.')) {
    if (at.def.type === 'record' || at.def.type === 'unknown') return name !== ''
    const { shape }: Schema = at
    at = shape !== undefined && Object.hasOwn(shape, name) ? elementOf(shape[name]!) : undefined
    if (at === undefined) return false
  }
  return true
}

function namesBelow(schema: Schema, prefix: string): string[] {
  const names = Object.entries(schema.shape ?? {}).flatMap(([name, member]) =>
    namesBelow(elementOf(member), prefix === '' ? name : `${prefix}.${name}`),
  )
  return prefix === '' ? names : [prefix, ...names]
}

/** Of a list what it holds: its names need no index. */
function elementOf(schema: Schema): Schema {
  let inner = schema
  for (;;) {
    const next: Schema | undefined = inner.def.innerType ?? inner.def.element
    if (next === undefined) return inner
    inner = next
  }
}
