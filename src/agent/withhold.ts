/**
 * `on_missing: dead_letter`: events that lack an answer are committed as any other, and kept by the sinks they would go to
 * as dead letters. What this configuration says counts, at the moment of sending: an event that came under another one is
 * treated as it would be now.
 */
import { type EventView, Unroutable } from '../sinks/sink.ts'
import type { AgentConfig } from './config.ts'

/** Canonical bytes begin it so; in a text the quotes would be escaped, so that only a free-form member can look like it. */
const incomplete = Buffer.from('"attribution":{"complete":false')

/** The receivers that ask for it. */
export function withheldReceivers({
  attribution,
  receivers,
}: Pick<AgentConfig, 'attribution' | 'receivers'>): ReadonlySet<string> {
  const policies = Object.entries(receivers).map(
    ([name, { on_missing: own }]) => [name, own ?? attribution.on_missing] as const,
  )
  return new Set(policies.flatMap(([name, policy]) => (policy === 'dead_letter' ? [name] : [])))
}

/** Undefined where no receiver asks for it: then events are not looked at. */
export function compileWithhold(
  config: Pick<AgentConfig, 'attribution' | 'receivers'>,
): ((view: EventView) => Unroutable | undefined) | undefined {
  const withheld = withheldReceivers(config)
  if (withheld.size === 0) return undefined
  return (view) => {
    const { payload, start, end } = view
    if (!payload.subarray(start, end).includes(incomplete)) return undefined
    const { attribution: answer, provenance } = view.event as Partial<Attributed>
    if (answer?.complete !== false || !withheld.has(provenance?.receiver ?? '')) return undefined
    return new Unroutable(`its attribution is incomplete: ${answer.missing?.join(', ')}`)
  }
}

interface Attributed {
  readonly attribution: { readonly complete: boolean; readonly missing?: readonly string[] }
  readonly provenance: { readonly receiver: string }
}
