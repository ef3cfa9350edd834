/**
 * What was sent before is not committed again. A sender that heard no answer sends once more, and what it sends has a key
 * of its own (the id of a record) for each credential, and a hash of its content: the same under the same key is answered
 * as taken in once the first is committed, and only then.
 *
 * Invariants: a key is claimed by one request at a time, all of a request's at once or none, and who waits holds none: so
 * nobody waits for himself, however requests overlap. A claim ends with the commit or without; then who waited looks again,
 * and takes in himself what was not.
 */
import { hash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { RecentMarks } from './recent-marks.ts'

/** What is asked for before a commit. Hashes as in `RecordMark`. */
export interface Asked {
  readonly key: string
  readonly content: string
  /**
   * What is to be where another content is known under the key. `refuse`: nothing of it is claimed. `keep`: it is claimed
   * under a key that is made of both, and is known again as that.
   */
  readonly otherwise: 'refuse' | 'keep'
}

/**
 * `new`: to be committed. `known`: committed before. `twin`: the same was asked for before it in this claim, at the index
 * `of`, and becomes what that becomes. `other`: another content is known under the key, or stands before it in this claim.
 */
export type Verdict =
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'known'; readonly seq: number }
  | { readonly kind: 'twin'; readonly of: number }
  /** With `keep` the key under which it is claimed; without, nothing is. */
  | { readonly kind: 'other'; readonly key: string | undefined }

/** Keys that are this request's until it is released. */
export interface Claim {
  /** By what was asked for; undefined where nothing was. */
  readonly verdicts: readonly (Verdict | undefined)[]
  /** What was asked for at this index is durable, and is known from here on. */
  keep(index: number, seq: number): void
  /** Everything that was not kept is anybody's again. Idempotent. */
  release(): void
}

export class Duplicates {
  readonly #marks: RecentMarks
  readonly #clock: Clock
  /** Keys whose first is on its way into the journal: resolves when that is decided. */
  readonly #claimed = new Map<string, Promise<void>>()

  constructor(marks: RecentMarks, clock: Clock) {
    this.#marks = marks
    this.#clock = clock
  }

  /** Waits for what others have claimed of it. Has to be released. */
  async claim(asked: readonly (Asked | undefined)[]): Promise<Claim> {
    for (;;) {
      const { verdicts, waits } = this.#look(asked)
      if (waits.size === 0) return this.#take(asked, verdicts)
      await Promise.all(waits)
    }
  }

  #look(asked: readonly (Asked | undefined)[]) {
    const now = this.#clock.now()
    const waits = new Set<Promise<void>>()
    const firsts = new Map<string, number>()
    const verdicts = asked.map((one, index): Verdict | undefined => {
      if (one === undefined) return undefined
      const { content, otherwise } = one
      const waiting = this.#claimed.get(one.key)
      if (waiting) waits.add(waiting)
      const first = firsts.get(one.key)
      const known = first === undefined ? this.#marks.find(one.key, now) : undefined
      const before = first === undefined ? known?.content : asked[first]!.content
      if (before === undefined) {
        firsts.set(one.key, index)
        return { kind: 'new', key: one.key }
      }
      if (before === content) {
        return first === undefined ? { kind: 'known', seq: known!.seq } : { kind: 'twin', of: first }
      }
      if (otherwise === 'refuse') return { kind: 'other', key: undefined }
      const key = keyOf([one.key, content])
      const also = this.#claimed.get(key)
      if (also) waits.add(also)
      const twin = firsts.get(key)
      if (twin !== undefined) return { kind: 'twin', of: twin }
      const same = this.#marks.find(key, now)
      if (same) return { kind: 'known', seq: same.seq }
      firsts.set(key, index)
      return { kind: 'other', key }
    })
    return { verdicts, waits }
  }

  #take(asked: readonly (Asked | undefined)[], verdicts: readonly (Verdict | undefined)[]): Claim {
    const { promise, resolve } = Promise.withResolvers<void>()
    const keys = verdicts.flatMap((verdict) => {
      const key = claimedKey(verdict)
      return key === undefined ? [] : [key]
    })
    for (const key of keys) this.#claimed.set(key, promise)
    let released = false
    return {
      verdicts,
      keep: (index, seq) => {
        const key = claimedKey(verdicts[index])
        const one = asked[index]
        if (key !== undefined && one) this.#marks.add(key, { content: one.content, seq }, this.#clock.now())
      },
      release: () => {
        if (released) return
        released = true
        for (const key of keys) this.#claimed.delete(key)
        resolve()
      },
    }
  }
}

/** Under which key it is to be committed, if it is. */
export const claimedKey = (verdict: Verdict | undefined): string | undefined =>
  verdict?.kind === 'new' || verdict?.kind === 'other' ? verdict.key : undefined

/** 16 bytes of SHA-256 over the parts, each with its length before it: as `RecordMark` has them. */
export function keyOf(parts: readonly string[]): string {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'binary').slice(0, 16)
}
