/**
 * Answers of enrichers, made ready to be filled in, one behind the other in one array: there are thousands, which take
 * turns, and what lies together comes into the processor's cache together.
 *
 * An answer is its structure, the bytes of all its values, and then of each value, in the order in which events have
 * them: its length in bytes, and the bytes, four to a word, the last word padded.
 */

/** Where the answer lies that adds nothing. 0 is no answer's place. */
export const nothing = 1

/** Whoever remembers more begins anew. Words: 8 MiB. */
const mostWords = 2 * 1024 * 1024

export class AnswerWords {
  words = new Int32Array(1024)
  /** The first two after `nothing` are its structure and its bytes: 0 and 0. */
  #end = nothing + 2

  /** Whether it is time to forget, before the next answer is asked for. */
  get isFull(): boolean {
    return this.#end > mostWords
  }

  /** Returns the place; of several lists, one behind the other, that of the first one. */
  add(list: Int32Array, more?: Int32Array): number {
    const at = this.#end
    const moreAt = at + list.length
    const end = moreAt + (more?.length ?? 0)
    if (end > this.words.length) {
      const larger = new Int32Array(Math.max(2 * this.words.length, end))
      larger.set(this.words.subarray(0, at))
      this.words = larger
    }
    this.words.set(list, at)
    if (more !== undefined) this.words.set(more, moreAt)
    this.#end = end
    return at
  }

  /** Places that were given are nobody's from now on. */
  forget(): void {
    this.#end = nothing + 2
    if (this.words.length > mostWords) this.words = new Int32Array(1024)
  }
}

/** What is added to the line under way. */
export interface Added {
  words: Int32Array
  /** By enricher: its next value. */
  readonly next: Int32Array
  /** Of all values. */
  bytes: number
}

export const nothingAdded: Added = { words: new Int32Array(0), next: new Int32Array(0), bytes: 0 }

/** Writes an enricher's next value; returns where it ends. Up to three bytes too many, as `fill` does. */
export function writeNextValue(added: Added, enricher: number, view: DataView, at: number): number {
  const { words, next } = added
  let from = next[enricher]!
  const end = at + words[from++]!
  for (let to = at; to < end; to += 4) view.setInt32(to, words[from++]!, true)
  next[enricher] = from
  return end
}
