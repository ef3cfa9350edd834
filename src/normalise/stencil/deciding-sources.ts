/** Sources all of whose values decide about an event. */
import type { Mapping, Part, Source } from '../mapping/mapping.ts'
import type { Path } from '../mapping/path.ts'
import { any, type Place, type UseTree } from './use-tree.ts'

export class DecidingSources {
  /** False where what decides is not known before a record is. */
  isFollowed = true
  readonly #mapping: Mapping
  readonly #uses: UseTree
  /** Variables that were looked at. */
  readonly #decided = new Set<string>()

  constructor(mapping: Mapping, uses: UseTree) {
    this.#mapping = mapping
    this.#uses = uses
  }

  /** Everything that `source` is made from decides about the event. */
  add(source: Source | Part | { readonly optional: readonly Part[] }, base: Place): void {
    if (typeof source === 'string') return
    if ('optional' in source) {
      for (const part of source.optional) this.add(part, base)
    } else if (!('kind' in source)) {
      for (const alternative of source) this.add(alternative, base)
    } else if (source.kind === 'path') {
      this.#uses.at(this.placeOf(source.path, base)).exact = true
    } else if (source.kind === 'variable') {
      // A variable may need itself: then it has no value, and has been looked at.
      if (this.#decided.has(source.name)) return
      this.#decided.add(source.name)
      const value = this.#mapping.variables[source.name] ?? this.#mapping.targets[source.name] ?? []
      for (const candidate of value) this.add(candidate.source, [])
    } else if (source.kind === 'template') {
      for (const part of source.parts) this.add(part, base)
    } else if (source.kind === 'field' || source.kind === 'all') {
      this.isFollowed = false
    }
  }

  /** A filter reads its member of every element: all of them decide which one is meant. */
  placeOf({ base: from, segments, every }: Path, base: Place): Place {
    const place = from === 'record' ? [] : [...base]
    const steps = every === undefined ? segments : [...segments, any, ...every]
    for (const step of steps) {
      if (typeof step === 'object') {
        this.#uses.at([...place, any, step.key]).exact = true
        place.push(any)
      } else place.push(step === any ? any : String(step))
    }
    return place
  }
}
