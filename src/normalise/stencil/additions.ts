/**
 * What enrichers add to the events of stencils. A stencil knows which members its enrichers add, and where; the values
 * are holes, which are filled with what is remembered of their answers.
 */
import type { Additions, Enricher } from '../../attribution/enrich/contract.ts'
import type { Refusals } from '../../attribution/redact/refusals.ts'
import type { StreamContext } from '../../event/record.ts'
import { AnswerStructures } from './answer-structures.ts'
import { type Added, AnswerWords, nothing } from './answer-words.ts'
import type { LineFacts } from './line-facts.ts'
import { RememberedEnricher } from './remembered-enricher.ts'

/** Enrichers whose answers differ from event to event, in their order. */
type Asked = Exclude<Enricher, { reads: 'nothing' | 'record' }>

/** Those that look at the whole event have no stencils. */
export const isAsked = (enricher: Enricher): enricher is Asked =>
  enricher.reads !== 'nothing' && enricher.reads !== 'record'

/** Where an enricher's key is: a slot, a text that all events of the stencil have, nowhere; or it is the stream. */
export type KeyPlace = number | { readonly text: Buffer; readonly view: DataView } | 'stream' | undefined

/** What a stencil was cut for: where the keys are, and the structure of what each enricher adds. */
interface CutFor {
  readonly keys: readonly KeyPlace[]
  readonly structures: readonly number[]
}

export class StencilAdditions {
  readonly structures: AnswerStructures
  readonly #asked: readonly Asked[]
  readonly #remembered: readonly (RememberedEnricher | undefined)[]
  readonly #versions: number[]
  readonly #answers = new AnswerWords()
  readonly #added: Added
  #stream: StreamContext | undefined
  /** Where the answers lie that the stream gets; 0 for other enrichers, and where nobody has asked yet. */
  readonly #ofStream: Int32Array

  constructor(enrichers: readonly Enricher[], refusals: Refusals) {
    this.structures = new AnswerStructures(refusals)
    this.#asked = enrichers.filter(isAsked)
    this.#remembered = this.#asked.map((enricher) =>
      enricher.reads === 'stream'
        ? undefined
        : new RememberedEnricher(enricher, this.structures, this.#answers),
    )
    this.#versions = this.#asked.map(({ version }) => version)
    this.#ofStream = new Int32Array(this.#asked.length)
    this.#added = { words: this.#answers.words, next: new Int32Array(this.#asked.length), bytes: 0 }
  }

  /** Before each chunk: what enrichers know changes between chunks only. */
  begin(stream: StreamContext): void {
    this.#stream = stream
    this.#ofStream.fill(0)
    let isNew = false
    for (const [i, { version }] of this.#asked.entries()) {
      if (this.#versions[i] !== version) isNew = true
      this.#versions[i] = version
    }
    if (isNew) this.#forget()
  }

  /**
   * Asks them for a line, and notes in `facts` what they add. False where they add to other members than those that the
   * stencil was cut for, or a key is not what its bytes say.
   */
  fit({ keys, structures }: CutFor, slots: Int32Array, facts: LineFacts): boolean {
    if (this.#answers.isFull) this.#forget()
    const added = this.#added
    added.bytes = 0
    for (let i = 0; i < keys.length; i++) {
      const at = this.#ask(i, keys[i], slots, facts)
      const { words } = this.#answers
      if (at === 0 || words[at] !== structures[i]) return false
      added.bytes += words[at + 1]!
      added.next[i] = at + 2
    }
    added.words = this.#answers.words
    facts.added = added
    return true
  }

  /** Where the answer lies; 0 where the key is not what its bytes say. */
  #ask(i: number, place: KeyPlace, slots: Int32Array, facts: LineFacts): number {
    if (place === undefined) return nothing
    if (typeof place === 'number') {
      return this.#remembered[i]!.ask(facts.bytes, facts.view, slots[2 * place]!, slots[2 * place + 1]!)
    }
    if (place !== 'stream') return this.#remembered[i]!.askText(place.text, place.view)
    if (this.#ofStream[i] === 0) {
      this.#ofStream[i] = this.#answers.add(this.structures.wordsOf(this.#streamAdditions(i)!))
    }
    return this.#ofStream[i]!
  }

  /** What those say that look at the stream; undefined for the others. */
  ofStream(): (Additions | undefined)[] {
    return this.#asked.map((_, i) => this.#streamAdditions(i))
  }

  #streamAdditions(i: number): Additions | undefined {
    const enricher = this.#asked[i]!
    return enricher.reads === 'stream' ? enricher.additionsFor(this.#stream!) : undefined
  }

  #forget(): void {
    this.#answers.forget()
    this.#ofStream.fill(0)
    for (const enricher of this.#remembered) enricher?.forget()
  }
}
