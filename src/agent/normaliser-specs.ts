/** From the configuration to what each receiver's normaliser is compiled from. */
import type { EnrichSpec } from '../attribution/enrich/enrichment.ts'
import type { HashKey } from '../attribution/keyed-hash.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import type { RouteSpec } from '../routing/route.ts'
import { version } from '../version.ts'
import type { ReceiverConfig } from './component-configs.ts'
import type { AgentConfig } from './config.ts'

/** How a receiver's records become events. */
export function mappingOf({ preset = 'json', mapping }: ReceiverConfig): NormaliserSpec['mapping'] {
  return mapping === undefined ? { preset } : { inline: mapping }
}

/** `routes` is the whole table: route bits are indexes into it. */
export function normaliserSpec(
  config: AgentConfig,
  receiver: string,
  routes: readonly RouteSpec[],
  hashKeys: readonly HashKey[],
): NormaliserSpec {
  const own = config.receivers[receiver]!
  return {
    agent: { id: config.agent.id, version },
    receiver,
    mapping: mappingOf(own),
    ...('select' in own && own.select !== undefined ? { select: own.select } : {}),
    ...(own.zone === undefined ? {} : { zone: own.zone }),
    raw: own.raw,
    require: config.attribution.require,
    onMissing: own.on_missing ?? config.attribution.on_missing,
    ...(own.type === 'kubernetes' && { byStream: true, mappings: own.mappings }),
    enrich: [...whoseLogs(own), ...own.enrich, ...config.attribution.enrich],
    // The agent's come first: a receiver can add to them, and not undo them.
    redact: [...config.redact, ...own.redact],
    hashKeys,
    routes,
  }
}

/** A receiver of pods' logs brings along whose they are. */
function whoseLogs(config: ReceiverConfig): EnrichSpec[] {
  if (config.type !== 'kubernetes') return []
  const { cluster, node } = config
  return [
    {
      kubernetes: {
        from: 'path',
        ...(cluster !== undefined && { cluster }),
        ...(node !== undefined && { node }),
      },
    },
  ]
}
