/** Numbers for lists of names, in the order they came in: the members of records that follow each other are mostly the same. */

/** A log with more of them has no regularity. */
const most = 64

export class NameLists {
  readonly #lists: (readonly string[])[] = []

  /** -1 when there are too many. */
  of(names: readonly string[]): number {
    const lists = this.#lists
    for (let i = 0; i < lists.length; i++) {
      const one = lists[i]!
      if (one.length === names.length && one.every((name, at) => name === names[at])) return i
    }
    return lists.length >= most ? -1 : lists.push([...names]) - 1
  }

  at(number: number): readonly string[] {
    return this.#lists[number]!
  }
}
