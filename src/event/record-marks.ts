/**
 * By what records that were sent are known again: columns and no objects, since thousands of records wait for a commit at a
 * time. A key, and what was sent under it, are hashes of 16 bytes; elsewhere they are texts of one character (U+0000 to U+00FF) a byte.
 */

export interface RecordMarks {
  /** A record's index in the chunk: its mark counts where that has an event. `ofChunk`: it counts once the chunk is committed. */
  readonly records: Int32Array
  /** `markWords` for each: those of its key, and behind them those of its content. */
  readonly words: Int32Array
}

export const ofChunk = -1
/** Words of four bytes. */
export const hashWords = 4
export const markWords = 2 * hashWords

export interface RecordMark {
  readonly record: number
  readonly key: string
  readonly content: string
}

export function marksOf(list: readonly RecordMark[]): RecordMarks {
  const words = new Int32Array(markWords * list.length)
  for (const [i, { key, content }] of list.entries()) writeMark(words, i, key, content)
  return { records: Int32Array.from(list, ({ record }) => record), words }
}

export function writeMark(words: Int32Array, index: number, key: string, content: string): void {
  writeHash(words, markWords * index, key)
  writeHash(words, markWords * index + hashWords, content)
}

export function writeHash(words: Int32Array, at: number, text: string): void {
  for (let word = 0; word < hashWords; word++) {
    const from = 4 * word
    words[at + word] =
      text.charCodeAt(from) |
      (text.charCodeAt(from + 1) << 8) |
      (text.charCodeAt(from + 2) << 16) |
      (text.charCodeAt(from + 3) << 24)
  }
}

export function hashText(words: Int32Array, at: number): string {
  let text = ''
  for (let word = at; word < at + hashWords; word++) {
    const value = words[word]!
    text += String.fromCharCode(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24)
  }
  return text
}

export function sameHash(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
  return a[at] === b[bt] && a[at + 1] === b[bt + 1] && a[at + 2] === b[bt + 2] && a[at + 3] === b[bt + 3]
}
