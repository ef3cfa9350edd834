/** Problems met while decoding one record, for `quality.warnings`: bounded, and made only when there are any. */

const most = 16
const longestName = 80

/** Names from outside, cut to a length that fits in a sentence. */
export const shown = (text: string) => (text.length > longestName ? `${text.slice(0, longestName)}…` : text)

export class Warnings {
  private texts: string[] | undefined
  private more = 0

  add(text: string): void {
    this.texts ??= []
    if (this.texts.length < most) this.texts.push(text)
    else this.more++
  }

  /** Names that stand twice in one object of it. */
  addRepeated(names: readonly string[]): void {
    for (const name of names) this.add(`${name} is there more than once: the last one is kept`)
  }

  /** All of `other`'s, too: what was wrong with a resource is wrong with each of its records. */
  addAll(other: Warnings): void {
    for (const text of other.texts ?? []) this.add(text)
    this.more += other.more
  }

  list(): readonly string[] | undefined {
    if (this.more === 0) return this.texts
    return [...(this.texts ?? []), `and ${this.more} more warnings of this record`]
  }
}
