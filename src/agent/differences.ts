/** What is to be done to named parts so that they become others, by how each is to be made. */
import { isDeepStrictEqual } from 'node:util'

export interface Differences {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** In the order of `wanted`; what is removed, in the order of `present`. */
export function differences<Recipe>(
  present: ReadonlyMap<string, Recipe>,
  wanted: ReadonlyMap<string, Recipe>,
  isSame: (one: Recipe, other: Recipe) => boolean = isDeepStrictEqual,
): Differences {
  const added: string[] = []
  const changed: string[] = []
  for (const [name, recipe] of wanted) {
    const before = present.get(name)
    if (before === undefined) added.push(name)
    else if (!isSame(before, recipe)) changed.push(name)
  }
  return { added, changed, removed: [...present.keys()].filter((name) => !wanted.has(name)) }
}
