/** Enrichers as stencils are tried with: they tell what they were asked, and answer what they are told to. */
import type { Additions, Enricher } from '../../attribution/enrich/contract.ts'
import { type Enrichment, enrichmentOf } from '../../attribution/enrich/enrichment.ts'
import { isAsked } from './additions.ts'

export class TrialEnrichment {
  readonly enrichment: Enrichment
  /** By enricher that differs from event to event: the text it was asked about; undefined when it was not asked. */
  readonly asked: (string | undefined)[] = []
  /** What they gave; of streams, too. */
  readonly given: (Additions | undefined)[] = []
  /** What they are to answer instead of what they know. */
  #answers: readonly (Additions | undefined)[] | undefined
  readonly #count: number

  constructor(enrichers: readonly Enricher[]) {
    let count = 0
    this.enrichment = enrichmentOf(
      enrichers.map((enricher): Enricher => {
        if (!isAsked(enricher)) return enricher
        const i = count++
        if (enricher.reads === 'stream') {
          return {
            kind: enricher.kind,
            sets: enricher.sets,
            version: 0,
            reads: 'stream',
            additionsFor: (stream) => this.#give(i, '', () => enricher.additionsFor(stream)),
          }
        }
        return {
          kind: enricher.kind,
          sets: enricher.sets,
          version: 0,
          reads: 'member',
          key: enricher.key,
          additionsFor: (text) => this.#give(i, text, () => enricher.additionsFor(text)),
        }
      }),
    )
    this.#count = count
  }

  /** Before each trial. */
  begin(answers: readonly (Additions | undefined)[] | undefined): void {
    this.#answers = answers
    for (let i = 0; i < this.#count; i++) {
      this.asked[i] = undefined
      this.given[i] = undefined
    }
  }

  #give(i: number, text: string, own: () => Additions): Additions {
    this.asked[i] = text
    const additions = (this.#answers === undefined ? undefined : this.#answers[i]) ?? own()
    this.given[i] = additions
    return additions
  }
}
