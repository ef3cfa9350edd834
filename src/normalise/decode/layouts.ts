/** Numbers for combinations of fields, each told by two numbers of 31 bits. Lines in a row mostly have the same. */

/** A log with more of them has no regularity. */
const most = 512

export class Layouts {
  readonly #firsts: number[] = []
  readonly #seconds: number[] = []
  #last = 0

  /** -1 when there are too many. */
  of(first: number, second: number): number {
    const firsts = this.#firsts
    const seconds = this.#seconds
    if (firsts[this.#last] === first && seconds[this.#last] === second) return this.#last
    for (let i = 0; i < firsts.length; i++) {
      if (firsts[i] !== first || seconds[i] !== second) continue
      this.#last = i
      return i
    }
    if (firsts.length >= most) return -1
    this.#last = firsts.length
    firsts.push(first)
    seconds.push(second)
    return this.#last
  }

  at(layout: number): { readonly first: number; readonly second: number } {
    return { first: this.#firsts[layout]!, second: this.#seconds[layout]! }
  }
}
