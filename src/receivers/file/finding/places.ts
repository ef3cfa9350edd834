/**
 * The order in which files had one name, of those that a search has found. Names move on while they are looked at, and
 * what is compressed or deleted meanwhile has none any more: each counts as it was seen last.
 */
import { fileKey } from './locate.ts'
import { inOrder, type Sibling } from './siblings.ts'

interface Group {
  /** From which all of it was made. */
  readonly name: string
  /** By inode. */
  readonly siblings: Map<string, Sibling>
}

export class Places {
  readonly #groups: Group[] = []

  /** These were made from `name`; groups with higher numbers come later. */
  saw(group: number, name: string, siblings: readonly Sibling[]): void {
    const seen = this.#groups[group] ?? { name, siblings: new Map() }
    this.#groups[group] = seen
    for (const sibling of siblings) {
      const key = fileKey(sibling.stats)
      for (const other of this.#groups) other?.siblings.delete(key)
      seen.siblings.set(key, sibling)
    }
  }

  /** Counted from 0, by inode. */
  inOrder(): ReadonlyMap<string, number> {
    const all = this.#groups.flatMap(({ name, siblings }) => inOrder([...siblings.values()], name))
    return new Map(all.map(({ stats }, place) => [fileKey(stats), place]))
  }
}
