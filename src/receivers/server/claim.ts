/** What a request asks for, as far as it was not taken in before: keys that are its own until it is released. */
import type { Clock } from '../../clock.ts'
import { hashWords, markWords, sameHash, writeHash } from '../../event/record-marks.ts'
import type { AskedKeys } from './asked-keys.ts'
import type { Claims } from './claims.ts'
import { keyOf } from './key-of.ts'
import type { RecentMarks } from './recent-marks.ts'

/**
 * `new`: to be committed. `known`: committed before. `twin`: the same was asked for before it in this claim, at the index
 * `of`, and becomes what that becomes. `other`: another content is known under the key, or stands before it in this claim.
 */
export type Verdict =
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'known'; readonly seq: number }
  | { readonly kind: 'twin'; readonly of: number }
  /**
   * With `keep` the key under which it is claimed; without, nothing is. `before`: where in this claim the other content stands, if
   * it does.
   */
  | { readonly kind: 'other'; readonly key: string | undefined; readonly before?: number }

/** Under which key it is to be committed, if it is. */
export const claimedKey = (verdict: Verdict | undefined): string | undefined =>
  verdict?.kind === 'new' || verdict?.kind === 'other' ? verdict.key : undefined

const kinds = { none: 0, new: 1, known: 2, twin: 3, other: 4, refused: 5 } as const

export class Claim {
  readonly asked: AskedKeys
  /** Resolves once it is released. */
  readonly released: Promise<void>
  readonly #resolve: () => void
  readonly #claims: Claims<Claim>
  readonly #marks: RecentMarks
  readonly #clock: Clock
  readonly #kinds: Uint8Array
  /** The seq of what is known, the index of whose twin it is, or of which it is another content; -1 where that is known. */
  readonly #numbers: Float64Array
  /** Keys that are made of a key and another content, by index. */
  readonly #others = new Map<number, string>()
  /** Of its keys, among all that are claimed. */
  readonly #places: number[] = []
  #areAllNew = true

  constructor(asked: AskedKeys, claims: Claims<Claim>, marks: RecentMarks, clock: Clock) {
    this.asked = asked
    this.#claims = claims
    this.#marks = marks
    this.#clock = clock
    this.#kinds = new Uint8Array(asked.length)
    this.#numbers = new Float64Array(asked.length)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.released = promise
    this.#resolve = resolve
  }

  /** One look at all that is asked for: claims as it goes. Returns who has to be waited for; then it means nothing. */
  take(): Claim | undefined {
    const now = this.#clock.monotonic()
    const { asked } = this
    for (let index = 0; index < asked.length; index++) {
      if (!asked.has(index)) continue
      const holder = this.#decide(index, now)
      if (holder !== undefined) return holder
    }
    return undefined
  }

  /** Whether nothing of it was known, and no two are alike. */
  get areAllNew(): boolean {
    return this.#areAllNew
  }

  /** By what was asked for; undefined where nothing was. */
  verdictAt(index: number): Verdict | undefined {
    switch (this.#kinds[index]) {
      case kinds.new:
        return { kind: 'new', key: this.asked.keyAt(index) }
      case kinds.known:
        return { kind: 'known', seq: this.#numbers[index]! }
      case kinds.twin:
        return { kind: 'twin', of: this.#numbers[index]! }
      case kinds.other:
      case kinds.refused:
        return { kind: 'other', key: this.#others.get(index), ...this.#beforeAt(index) }
      default:
        return undefined
    }
  }

  /** The other content at `before` was not taken in, and nobody else has the key: it is this one's. */
  takeOver(index: number): void {
    this.#kinds[index] = kinds.new
    this.#others.delete(index)
  }

  #beforeAt(index: number): { readonly before?: number } {
    const before = this.#numbers[index]!
    return before < 0 ? {} : { before }
  }

  /** What was asked for at this index is durable, and is known from here on. */
  keep(index: number, seq: number): void {
    const { words } = this.asked
    const at = markWords * index
    const now = this.#clock.monotonic()
    if (this.#kinds[index] === kinds.new) this.#marks.addWords(words, at, seq, now)
    const other = this.#others.get(index)
    if (other !== undefined) this.#marks.add(other, { content: this.asked.contentAt(index), seq }, now)
  }

  /** Everything that was not kept is anybody's again. Idempotent. */
  release(): void {
    for (const place of this.#places) this.#claims.delete(place)
    this.#places.length = 0
    this.#resolve()
  }

  #decide(index: number, now: number): Claim | undefined {
    const { words } = this.asked
    return this.#look(index, words, markWords * index, now, kinds.new)
  }

  /** `kind`: what becomes of it where nobody knows the key at `at` of `words`. */
  #look(
    index: number,
    words: Int32Array,
    at: number,
    now: number,
    kind: typeof kinds.new | typeof kinds.other,
  ): Claim | undefined {
    const content = markWords * index + hashWords
    const own = this.asked.words
    const claimed = this.#claims.placeOf(words, at)
    if (claimed >= 0) {
      const holder = this.#claims.by(claimed)
      if (holder !== this) return holder
      const before = this.#claims.indexAt(claimed)
      if (sameHash(own, markWords * before + hashWords, own, content)) {
        this.#say(index, kinds.twin, before)
        return undefined
      }
      return this.#lookForOther(index, now, before)
    }
    const known = this.#marks.placeOf(words, at, now)
    if (known < 0) {
      this.#places.push(this.#claims.add(words, at, this, index))
      this.#kinds[index] = kind
      return undefined
    }
    if (!this.#marks.hasContent(known, own, content)) return this.#lookForOther(index, now, -1)
    this.#say(index, kinds.known, this.#marks.seqAt(known))
    return undefined
  }

  /** Another content is known under its key, or stands `before` it. */
  #lookForOther(index: number, now: number, before: number): Claim | undefined {
    const { asked } = this
    this.#say(index, kinds.refused, before)
    if (!asked.isKept(index)) return undefined
    const key = keyOf([asked.keyAt(index), asked.contentAt(index)])
    const words = new Int32Array(hashWords)
    writeHash(words, 0, key)
    const holder = this.#look(index, words, 0, now, kinds.other)
    if (this.#kinds[index] === kinds.other) this.#others.set(index, key)
    return holder
  }

  #say(index: number, kind: number, number: number): void {
    this.#kinds[index] = kind
    this.#numbers[index] = number
    this.#areAllNew = false
  }
}
