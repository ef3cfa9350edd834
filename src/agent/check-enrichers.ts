/** The files that enrichers of a configuration read, tried: what is wrong with each. */
import { compileEnrichment } from '../attribution/enrich/enrichment.ts'
import { WatchedFiles } from '../attribution/enrich/watched-file.ts'
import { AffiantError } from '../errors.ts'
import type { AgentConfig } from './config.ts'

/** As `attribution.enrich[0]: users.csv: line 3: …`. What comes from a URL is not asked for. */
export function enricherProblems({ attribution, receivers }: AgentConfig): string[] {
  const files = new WatchedFiles()
  const lists = [
    { path: 'attribution', enrich: attribution.enrich },
    ...Object.entries(receivers).map(([name, { enrich }]) => ({ path: `receivers.${name}`, enrich })),
  ]
  return lists.flatMap(({ path, enrich }) =>
    enrich.flatMap((spec, i) => {
      try {
        compileEnrichment([spec], files)
        return []
      } catch (thrown) {
        if (!(thrown instanceof AffiantError)) throw thrown
        return [`${path}.enrich[${i}]: ${thrown.message}`]
      }
    }),
  )
}
