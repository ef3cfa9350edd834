/** What was answered to a text, by its bytes: a table of hashes with open places, and the texts before their answers. */
import type { AnswerWords } from './answer-words.ts'
import { lastWord, wordCount, writeWords } from './words.ts'

/** A longer text is not remembered. Bytes. */
const longestText = 1024
/** With more, all begins anew. */
const mostTexts = 65_536

export class TextMemory {
  readonly #answers: AnswerWords
  /** Of each place the text's hash, and where it lies in `#answers`: its length, its bytes, the answer. */
  #table = new Int32Array(2 * 256)
  #count = 0
  /** Of the text that was last looked for: its hash, and the place that is open for it. */
  #hash = 0
  #place = 0

  constructor(answers: AnswerWords) {
    this.#answers = answers
  }

  /** Where the answer lies; 0 when it is not known. `view` is of `bytes`. */
  find(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const table = this.#table
    const { words } = this.#answers
    const last = table.length - 2
    const hash = hashOf(bytes, view, from, to)
    let place = (2 * hash) & last
    for (let at = table[place + 1]!; at !== 0; at = table[place + 1]!) {
      if (table[place] === hash && words[at] === to - from) {
        const end = endOfSame(words, at + 1, bytes, view, from, to)
        if (end > 0) return end
      }
      place = (place + 2) & last
    }
    this.#hash = hash
    this.#place = place
    return 0
  }

  /** Right after `find` of the same text. Returns where the answer lies. */
  add(bytes: Uint8Array, from: number, to: number, answer: Int32Array): number {
    if (to - from > longestText) return this.#answers.add(answer)
    if (this.#count === mostTexts) {
      this.forget()
      this.#place = (2 * this.#hash) & (this.#table.length - 2)
    }
    const text = wordsOf(bytes, from, to)
    const at = this.#answers.add(text, answer)
    this.#table[this.#place] = this.#hash
    this.#table[this.#place + 1] = at
    // At most three places of four are taken.
    if (8 * ++this.#count > 3 * this.#table.length) this.#grow()
    return at + text.length
  }

  /** With the answers. */
  forget(): void {
    if (this.#count === 0) return
    this.#table = new Int32Array(2 * 256)
    this.#count = 0
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#table.length)
    const last = larger.length - 2
    for (let from = 0; from < this.#table.length; from += 2) {
      const at = this.#table[from + 1]!
      if (at === 0) continue
      const hash = this.#table[from]!
      let place = (2 * hash) & last
      while (larger[place + 1] !== 0) place = (place + 2) & last
      larger[place] = hash
      larger[place + 1] = at
    }
    this.#table = larger
  }
}

/** Where the words end that are the same as these bytes; 0 when they are not. */
function endOfSame(
  words: Int32Array,
  at: number,
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
): number {
  let word = at
  let next = from
  for (; next + 4 <= to; next += 4) if (words[word++] !== view.getInt32(next, true)) return 0
  if (next < to && words[word++] !== lastWord(bytes, next, to)) return 0
  return word
}

function wordsOf(bytes: Uint8Array, from: number, to: number): Int32Array {
  const words = new Int32Array(1 + wordCount(to - from))
  words[0] = to - from
  writeWords(bytes.subarray(from, to), words, 1)
  return words
}

/** FNV-1a by words, mixed at the end: what differs at a word's end must reach the lower bits. */
function hashOf(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  let hash = 0x811c9dc5 ^ (to - from)
  let next = from
  for (; next + 4 <= to; next += 4) hash = Math.imul(hash ^ view.getInt32(next, true), 0x01000193)
  if (next < to) hash = Math.imul(hash ^ lastWord(bytes, next, to), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return hash ^ (hash >>> 15)
}
