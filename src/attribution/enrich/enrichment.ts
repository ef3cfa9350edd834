/** The enrichers of one receiver, in order, as what is done to each of its events. */
import type { StreamContext } from '../../event/record.ts'
import { type Additions, type Enricher, type Members, nothingToAdd } from './contract.ts'
import { type GeoipSpec, geoipEnricher } from './geoip.ts'
import { type JwtSpec, jwtEnricher } from './jwt.ts'
import { type KubernetesSpec, kubernetesEnricher } from './kubernetes.ts'
import { type LookupSpec, lookupEnricher } from './lookup.ts'
import { readMember } from './member.ts'
import { addTo, type Enriched, note } from './merge.ts'
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
  | { readonly jwt: JwtSpec }
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
  const nothing: Enriched = {
    enriched: undefined,
    conflicts: undefined,
    secrets: undefined,
    warnings: undefined,
  }
  const result = { ...nothing }
  return {
    enrichers,
    apply(event, stream) {
      Object.assign(result, nothing)
      for (let i = 0; i < questions.length; i++) {
        const additions = questions[i]!(event, stream, result)
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
  if ('jwt' in spec) return jwtEnricher(spec.jwt, files)
  return userAgentEnricher(spec.user_agent)
}

type Question = (event: Members, stream: StreamContext, result: Enriched) => Additions

function questionOf(enricher: Enricher): Question {
  switch (enricher.reads) {
    case 'nothing':
      return () => enricher.additions
    case 'stream':
      return (_event, stream) => enricher.additionsFor(stream)
    case 'member': {
      const { key } = enricher
      return (event) => {
        const value = readMember(event, key)
        const text = typeof value === 'number' ? String(value) : value
        return typeof text === 'string' ? enricher.additionsFor(text) : nothingToAdd
      }
    }
    case 'record':
      return (event, _stream, result) => {
        const { additions, secrets = [], warning } = enricher.additionsFor(event)
        for (const secret of secrets) note(result, 'secrets', secret)
        if (warning !== undefined) note(result, 'warnings', warning)
        return additions
      }
  }
}
