/** The enrichers of one receiver, in order, as what is done to each of its events. */
import type { StreamContext } from '../../event/record.ts'
import { type Additions, type Enricher, type Members, nothingToAdd } from './contract.ts'
import { type GeoipSpec, geoipEnricher } from './geoip.ts'
import { type KubernetesSpec, kubernetesEnricher } from './kubernetes.ts'
import { type LookupSpec, lookupEnricher } from './lookup.ts'
import { addTo, type Enriched } from './merge.ts'
import { type PathSpec, pathEnricher } from './path.ts'
import { type StaticSpec, staticEnricher } from './static.ts'
import { type UserAgentSpec, userAgentEnricher } from './user-agent.ts'
import type { WatchedFiles } from './watched-file.ts'

/** One entry of `enrich`, checked and complete; plain JSON. */
export type EnrichSpec =
  | { readonly static: StaticSpec }
  | { readonly lookup: LookupSpec }
  | { readonly geoip: GeoipSpec }
  | { readonly path: PathSpec }
  | { readonly kubernetes: KubernetesSpec }
  | { readonly user_agent: UserAgentSpec }

export interface Enrichment {
  readonly enrichers: readonly Enricher[]
  /** Adds to an event what its enrichers know. The answer is used again by the next call. */
  apply(event: Members, stream: StreamContext): Readonly<Enriched>
}

/** Undefined without enrichers: then nobody has to ask. @throws AffiantError for a file that cannot be used */
export function compileEnrichment(specs: readonly EnrichSpec[], files: WatchedFiles): Enrichment | undefined {
  return specs.length === 0 ? undefined : enrichmentOf(specs.map((spec) => compileEnricher(spec, files)))
}

export function enrichmentOf(enrichers: readonly Enricher[]): Enrichment {
  const questions = enrichers.map(questionOf)
  const result: Enriched = { enriched: undefined, conflicts: undefined }
  return {
    enrichers,
    apply(event, stream) {
      result.enriched = undefined
      result.conflicts = undefined
      for (let i = 0; i < questions.length; i++) {
        const additions = questions[i]!(event, stream)
        if (additions.length > 0) addTo(event, additions, result)
      }
      return result
    },
  }
}

function compileEnricher(spec: EnrichSpec, files: WatchedFiles): Enricher {
  if ('static' in spec) return staticEnricher(spec.static)
  if ('lookup' in spec) return lookupEnricher(spec.lookup, files)
  if ('geoip' in spec) return geoipEnricher(spec.geoip, files)
  if ('path' in spec) return pathEnricher(spec.path)
  if ('kubernetes' in spec) return kubernetesEnricher(spec.kubernetes, files)
  return userAgentEnricher(spec.user_agent)
}

function questionOf(enricher: Enricher): (event: Members, stream: StreamContext) => Additions {
  switch (enricher.reads) {
    case 'nothing':
      return () => enricher.additions
    case 'stream':
      return (_event, stream) => enricher.additionsFor(stream)
    case 'member': {
      const read = memberReader(enricher.key)
      return (event) => {
        const text = read(event)
        return text === undefined ? nothingToAdd : enricher.additionsFor(text)
      }
    }
  }
}

/** The text of a member; a number as its text. */
function memberReader(member: string): (event: Members) => string | undefined {
  const path = member.split('.')
  return (event) => {
    let value: unknown = event
    for (let i = 0; i < path.length; i++) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, path[i]!)) return undefined
      value = Reflect.get(value, path[i]!)
    }
    return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined
  }
}
