/** What is missing in events, how often: by producer and action. */

/** As counted so far. */
export interface Counts {
  events: number
  complete: number
  /** Events that lack a member, by member. */
  readonly missing: Map<string, number>
}

export interface ProducerCounts extends Counts {
  readonly product: string
  readonly actions: Map<string, Counts>
}

/** What is looked at of an event; it may come from anywhere. */
export interface Surveyed {
  readonly action?: unknown
  readonly producer?: { readonly product?: unknown } | undefined
  readonly attribution?:
    | {
        readonly complete?: unknown
        readonly missing?: unknown
        readonly enriched?: unknown
        readonly conflicts?: unknown
      }
    | undefined
}

/** Actions are names, and few; should they be made of ids, those that come late are counted together. */
const mostActions = 10_000
export const otherActions = '(other actions)'

const counts = (): Counts => ({ events: 0, complete: 0, missing: new Map() })

export class AttributionSurvey {
  readonly all = counts()
  readonly producers = new Map<string, ProducerCounts>()
  /** Events that enrichers added a member to, and where they contradict the record; by member. */
  readonly enriched = new Map<string, number>()
  readonly conflicts = new Map<string, number>()
  #actions = 0

  add({ action, producer, attribution }: Surveyed): void {
    const isComplete = attribution?.complete === true
    const missing = textsOf(attribution?.missing)
    const product = typeof producer?.product === 'string' ? producer.product : 'unknown'
    const ofProducer = this.#producer(product)
    const ofAction = this.#action(ofProducer, typeof action === 'string' ? action : 'unknown')
    for (const each of [this.all, ofProducer, ofAction]) {
      each.events++
      if (isComplete) each.complete++
      for (const member of missing) increase(each.missing, member)
    }
    for (const member of textsOf(attribution?.enriched)) increase(this.enriched, member)
    for (const member of textsOf(attribution?.conflicts)) increase(this.conflicts, member)
  }

  #producer(product: string): ProducerCounts {
    let found = this.producers.get(product)
    if (found === undefined) {
      found = { product, ...counts(), actions: new Map() }
      this.producers.set(product, found)
    }
    return found
  }

  #action({ actions }: ProducerCounts, action: string): Counts {
    const name = actions.has(action) || this.#actions < mostActions ? action : otherActions
    let found = actions.get(name)
    if (found === undefined) {
      found = counts()
      actions.set(name, found)
      this.#actions++
    }
    return found
  }
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

const increase = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)
