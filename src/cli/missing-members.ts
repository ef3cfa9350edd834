/** What events lack, counted over the bytes that they were written as. */

const incomplete = Buffer.from('"attribution":{"complete":false')
const missing = /"missing":\[([^\]]*)\]/
/** An attribution is longer only where enrichers filled a lot. */
const longest = 4096

export class MissingMembers {
  readonly #counts = new Map<string, number>()

  /** @param payload canonical events, one a line */
  add(payload: Uint8Array): void {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    for (let at = bytes.indexOf(incomplete); at >= 0; at = bytes.indexOf(incomplete, at + 1)) {
      const [, names = ''] = missing.exec(bytes.toString('latin1', at, at + longest)) ?? []
      for (const [, name] of names.matchAll(/"([^"]+)"/g))
        this.#counts.set(name!, (this.#counts.get(name!) ?? 0) + 1)
    }
  }

  /** `targets 3, actor.id 1`, the most frequent first; empty where nothing is missing. */
  list(): string {
    const sorted = [...this.#counts].toSorted(([, a], [, b]) => b - a)
    return sorted.map(([name, count]) => `${name} ${count}`).join(', ')
  }
}
