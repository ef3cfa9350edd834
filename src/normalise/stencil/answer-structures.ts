/**
 * What an enricher answers has a structure, which a stencil is cut for, and values, which are filled in as the bytes that
 * an event has for them.
 */
import { guardedMembers } from '../../attribution/credential-guard.ts'
import type { Addition, Additions } from '../../attribution/enrich/contract.ts'
import type { Refusals } from '../../attribution/redact/refusals.ts'
import { canonicalize } from '../../event/canonical.ts'
import { type Added, AnswerWords } from './answer-words.ts'
import { wordCount, writeWords } from './words.ts'

/** Members whose value decides about others: what is complete, what is as good as absent. `scope` is woven into others. */
const deciding = /^(?:action|actor\.type|category|outcome\.result|scope(?:\..*)?)$/

export class AnswerStructures {
  readonly #refusals: Refusals
  /** Of answers with holes, by their members. */
  readonly #byMembers = new Map<string, number>()
  /** What has no holes is a structure of its own. */
  readonly #own = new WeakMap<Additions, number>()
  #next = 1

  constructor(refusals: Refusals) {
    this.#refusals = refusals
  }

  /** Whether an answer's values may be holes: nothing looks at them once they are added. */
  hasHoles(additions: Additions): boolean {
    return additions.every(
      ({ member, value }) =>
        !deciding.test(member) &&
        !guardedMembers.has(member) &&
        member !== 'message' &&
        !this.#isRedacted(value),
    )
  }

  /** Whether a rule may take something out of it. */
  #isRedacted(value: unknown): boolean {
    const { hasRules, fields } = this.#refusals
    if (typeof value === 'object') return hasRules
    return typeof value === 'string' && fields !== undefined && fields.hasField(value)
  }

  /** An answer with a value in each place that nothing else has; itself where it has no holes. */
  marked(additions: Additions, mark: string): Additions {
    if (!this.hasHoles(additions)) return additions
    return additions.map((addition, i): Addition => ({ ...addition, value: `${mark} ${i}~` }))
  }

  /** Equal for answers that add values of other content to the same members; 0 where nothing is added. */
  of(additions: Additions): number {
    if (additions.length === 0) return 0
    if (!this.hasHoles(additions)) return this.#known(this.#own, additions)
    return this.#known(this.#byMembers, additions.map(({ member }) => member).join('\n'))
  }

  #known<K>(
    structures: { get(key: K): number | undefined; set(key: K, structure: number): unknown },
    key: K,
  ) {
    let structure = structures.get(key)
    if (structure === undefined) {
      structure = this.#next++
      structures.set(key, structure)
    }
    return structure
  }

  /** As AnswerWords has it. */
  wordsOf(additions: Additions): Int32Array {
    const values = this.hasHoles(additions) ? inOrder(additions).map(({ value }) => bytesOf(value)) : []
    const words = new Int32Array(values.reduce((sum, { length }) => sum + 1 + wordCount(length), 2))
    words[0] = this.of(additions)
    let at = 2
    for (const value of values) {
      words[1]! += value.length
      words[at++] = value.length
      at = writeWords(value, words, at)
    }
    return words
  }

  /** As if they were what enrichers had answered for a line. */
  added(answers: readonly Additions[]): Added {
    const words = new AnswerWords()
    const lists = answers.map((answer) => this.wordsOf(answer))
    const next = Int32Array.from(lists, (list) => words.add(list) + 2)
    return { words: words.words, next, bytes: lists.reduce((sum, [, bytes = 0]) => sum + bytes, 0) }
  }
}

/** As the members stand in an event. */
export function inOrder(additions: Additions): Addition[] {
  return additions.toSorted(({ path: a }, { path: b }) => {
    let at = 0
    while (at < a.length && a[at] === b[at]) at++
    return (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
  })
}

/** As the event writer writes it. */
export const bytesOf = (value: unknown) => Buffer.from(canonicalize(value))
