/**
 * Texts in which no pattern was found, for the next time: an audit log says the same regions, verbs and programs over
 * and over. Bounded, and short texts only; of two halves the older is given up when the newer is full.
 */

const longest = 128
const most = 2048

export class CleanTexts {
  #recent = new Set<string>()
  #older = new Set<string>()

  has(text: string): boolean {
    if (text.length > longest) return false
    if (this.#recent.has(text)) return true
    if (!this.#older.has(text)) return false
    this.add(text)
    return true
  }

  add(text: string): void {
    if (text.length > longest) return
    if (this.#recent.size >= most) {
      this.#older = this.#recent
      this.#recent = new Set()
    }
    this.#recent.add(text)
  }
}
