/**
 * `on_missing: dead_letter`: events that lack an answer are committed as any other, and kept by the sinks they would go to
 * as dead letters. What this configuration says counts, at the moment of sending: an event that came under another one is
 * treated as it would be now.
 */
import { type EventView, Unroutable } from '../sinks/sink.ts'
import type { AgentConfig } from './config.ts'

/** Canonical bytes begin it so; in a text the quotes would be escaped, so that only a free-form member can look like it. */
const incomplete = Buffer.from('"attribution":{"complete":false')

/** Undefined where no receiver asks for it: then events are not looked at. */
export function compileWithhold({
  attribution,
  receivers,
}: Pick<AgentConfig, 'attribution' | 'receivers'>):
  | ((view: EventView) => Unroutable | undefined)
  | undefined {
  const policies = new Map(
    Object.entries(receivers).map(([name, { on_missing: own }]) => [name, own ?? attribution.on_missing]),
  )
  if (![...policies.values()].includes('dead_letter')) return undefined
  return (view) => {
    const { payload, start, end } = view
    if (!payload.subarray(start, end).includes(incomplete)) return undefined
    const { attribution: answer, provenance } = view.event as Partial<Attributed>
    if (answer?.complete !== false || policies.get(provenance?.receiver ?? '') !== 'dead_letter')
      return undefined
    return new Unroutable(`its attribution is incomplete: ${answer.missing?.join(', ')}`)
  }
}

interface Attributed {
  readonly attribution: { readonly complete: boolean; readonly missing?: readonly string[] }
  readonly provenance: { readonly receiver: string }
}
