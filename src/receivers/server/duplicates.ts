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
import type { KnownMark, RecentMarks } from './recent-marks.ts'

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
  /** Keys whose first is on its way into the journal. */
  readonly #claimed = new Map<string, Claimed>()

  constructor(marks: RecentMarks, clock: Clock) {
    this.#marks = marks
    this.#clock = clock
  }

  /** Waits for what others have claimed of it. Has to be released. */
  async claim(asked: readonly (Asked | undefined)[]): Promise<Claim> {
    for (;;) {
      const attempt = new Attempt(this.#claimed, this.#marks, this.#clock.monotonic())
      const verdicts = asked.map((one, index) => one && attempt.decide(one, index))
      if (attempt.waitsFor === undefined) return this.#claim(asked, verdicts, attempt)
      attempt.giveUp()
      await attempt.waitsFor
    }
  }

  #claim(
    asked: readonly (Asked | undefined)[],
    verdicts: readonly (Verdict | undefined)[],
    attempt: Attempt,
  ): Claim {
    return {
      verdicts,
      keep: (index, seq) => {
        const key = claimedKey(verdicts[index])
        const one = asked[index]
        if (key !== undefined && one)
          this.#marks.add(key, { content: one.content, seq }, this.#clock.monotonic())
      },
      release: () => attempt.giveUp(),
    }
  }
}

/** Whose a key is, and which of what he asked for it is. */
interface Claimed {
  readonly by: Attempt
  readonly index: number
  readonly content: string
}

/** One look at all that a request asks for: it claims as it goes, and gives all of it up where it has to wait. */
class Attempt {
  /** Resolves when who has a key that was asked for has it no more. */
  waitsFor: Promise<void> | undefined
  readonly #all: Map<string, Claimed>
  readonly #marks: RecentMarks
  readonly #now: number
  readonly #keys: string[] = []
  readonly #given = Promise.withResolvers<void>()

  constructor(all: Map<string, Claimed>, marks: RecentMarks, now: number) {
    this.#all = all
    this.#marks = marks
    this.#now = now
  }

  /** Means nothing once it has to wait. */
  decide({ key, content, otherwise }: Asked, index: number): Verdict {
    const before = this.#under(key)
    if (before === undefined) return this.#take('new', key, content, index)
    if (before.content === content) return seenAs(before)
    if (otherwise === 'refuse') return { kind: 'other', key: undefined }
    const own = keyOf([key, content])
    const same = this.#under(own)
    return same === undefined ? this.#take('other', own, content, index) : seenAs(same)
  }

  giveUp(): void {
    for (const key of this.#keys) this.#all.delete(key)
    this.#keys.length = 0
    this.#given.resolve()
  }

  #under(key: string): Claimed | KnownMark | undefined {
    const claimed = this.#all.get(key)
    if (claimed === undefined) return this.#marks.find(key, this.#now)
    if (claimed.by !== this) this.waitsFor = claimed.by.#given.promise
    return claimed
  }

  #take<K extends 'new' | 'other'>(kind: K, key: string, content: string, index: number) {
    this.#all.set(key, { by: this, index, content })
    this.#keys.push(key)
    return { kind, key }
  }
}

const seenAs = (before: Claimed | KnownMark): Verdict =>
  'seq' in before ? { kind: 'known', seq: before.seq } : { kind: 'twin', of: before.index }

/** Under which key it is to be committed, if it is. */
export const claimedKey = (verdict: Verdict | undefined): string | undefined =>
  verdict?.kind === 'new' || verdict?.kind === 'other' ? verdict.key : undefined

/** 16 bytes of SHA-256 over the parts, each with its length before it: as `RecordMark` has them. */
export const keyOf = (parts: readonly string[]): string => hashOf(textOf(parts))

function textOf(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${part.length}:${part}`
  return text
}

const hashOf = (text: string | Uint8Array): string => hash('sha256', text, 'binary').slice(0, 16)

/** Keys of parts of which the last has always as many bytes, of ASCII: it is not made a text of. */
export class KeysOfBytes {
  readonly #bytes: Buffer
  readonly #length: number

  constructor(parts: readonly string[], length: number) {
    this.#bytes = Buffer.from(textOf([...parts, ' '.repeat(length)]))
    this.#length = length
  }

  /** As `keyOf` gives it with the bytes at `at` as the last part. */
  of(bytes: Uint8Array, at: number): string {
    const own = this.#bytes
    const from = own.length - this.#length
    for (let i = 0; i < this.#length; i++) own[from + i] = bytes[at + i]!
    return hashOf(own)
  }
}
