/**
 * Remembers what was worked out for the keys of an object. Producers write objects of few shapes, so looking a
 * shape up (a walk over the keys, comparing pointers) replaces sorting and rule look-ups for every record.
 */

interface Entry<P> {
  readonly keys: readonly string[]
  readonly plan: P
}

/** Larger objects are worked out anew each time: what is remembered must not grow with what a stranger sends. */
const maxKeys = 128
const maxCharacters = 4096

/** One scratch list for all: it is read before anything else can write it. */
const scratch: string[] = []

export class ShapeCache<P> {
  readonly #slots: (Entry<P> | undefined)[]
  readonly #build: (keys: readonly string[]) => P

  /** @param slots a power of two: shapes remembered at most; a collision costs only time. */
  constructor(slots: number, build: (keys: readonly string[]) => P) {
    this.#slots = Array.from({ length: slots }, () => undefined)
    this.#build = build
  }

  /** The plan for an object's own keys, in their order. */
  of(object: object): P {
    let count = 0
    let hash = 0
    let characters = 0
    for (const key in object) {
      scratch[count++] = key
      hash = (hash * 31 + key.length) | 0
      characters += key.length
    }
    const slot = (hash ^ (hash >>> 9) ^ count) & (this.#slots.length - 1)
    const entry = this.#slots[slot]
    if (entry !== undefined && same(entry.keys, count)) return entry.plan
    const keys = scratch.slice(0, count)
    const plan = this.#build(keys)
    if (count <= maxKeys && characters <= maxCharacters) this.#slots[slot] = { keys, plan }
    return plan
  }
}

function same(keys: readonly string[], count: number): boolean {
  if (keys.length !== count) return false
  for (let i = 0; i < count; i++) if (keys[i] !== scratch[i]) return false
  return true
}

/** Keys that JavaScript moves to the front of any object, whatever the order they are written in. */
export function isIndexLike(key: string): boolean {
  const first = key.charCodeAt(0)
  return first >= 48 && first <= 57 && /^(?:0|[1-9]\d{0,9})$/.test(key)
}
