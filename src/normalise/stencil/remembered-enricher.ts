/** An enricher that is asked about a text, and what is remembered of its answers: by the text's bytes, or its network. */
import type { Additions, KeyedEnricher } from '../../attribution/enrich/contract.ts'
import { ipv4Bits, ipv4Network } from '../../attribution/enrich/ipv4.ts'
import type { AnswerStructures } from './answer-structures.ts'
import type { AnswerWords } from './answer-words.ts'
import { NetworkMemory } from './network-memory.ts'
import { TextMemory } from './text-memory.ts'

const backslash = 0x5c

export class RememberedEnricher {
  readonly #enricher: KeyedEnricher
  readonly #structures: AnswerStructures
  readonly #answers: AnswerWords
  readonly #texts: TextMemory
  readonly #networks: NetworkMemory | undefined
  /** Where answers lie that are for networks: many have the same one. */
  readonly #ofNetworks = new Map<Additions, number>()

  constructor(enricher: KeyedEnricher, structures: AnswerStructures, answers: AnswerWords) {
    this.#enricher = enricher
    this.#structures = structures
    this.#answers = answers
    this.#texts = new TextMemory(answers)
    if (enricher.ipv4Prefix !== undefined) this.#networks = new NetworkMemory()
  }

  /** Where the answer lies; 0 when the text has an escape, which is not what it says. `view` is of `bytes`. */
  ask(bytes: Buffer, view: DataView, from: number, to: number): number {
    const network = this.#networks === undefined ? -1 : ipv4Network(bytes, from, to)
    if (network >= 0) {
      const found = this.#networks!.find(network)
      if (found !== 0) return found
    }
    const found = this.#texts.find(bytes, view, from, to)
    if (found !== 0) return found
    for (let at = from; at < to; at++) if (bytes[at] === backslash) return 0
    return network < 0 ? this.#rememberText(bytes, from, to) : this.#rememberNetwork(network, bytes, from, to)
  }

  /** The same for a text that is not as JSON writes it. */
  askText(text: Buffer, view: DataView): number {
    const found = this.#texts.find(text, view, 0, text.length)
    return found === 0 ? this.#rememberText(text, 0, text.length) : found
  }

  /** Right after `find`. */
  #rememberText(bytes: Buffer, from: number, to: number): number {
    const additions = this.#enricher.additionsFor(bytes.toString('utf8', from, to))
    return this.#texts.add(bytes, from, to, this.#structures.wordsOf(additions))
  }

  #rememberNetwork(network: number, bytes: Buffer, from: number, to: number): number {
    const text = bytes.toString('latin1', from, to)
    const prefix = this.#enricher.ipv4Prefix!(ipv4Bits(text)!)
    if (prefix > 24) return this.#rememberText(bytes, from, to)
    const additions = this.#enricher.additionsFor(text)
    let answer = this.#ofNetworks.get(additions)
    if (answer === undefined) {
      answer = this.#answers.add(this.#structures.wordsOf(additions))
      this.#ofNetworks.set(additions, answer)
    }
    this.#networks!.add(network, prefix, answer)
    return answer
  }

  /** With the answers. */
  forget(): void {
    this.#texts.forget()
    this.#networks?.forget()
    this.#ofNetworks.clear()
  }
}
