/**
 * Keys of attributes in the order in which records have them: exporters send the same ones again and again. So a key is
 * compared with what came there before, and is known with all that there is to know of it: how JSON writes it, and
 * whether the record has it twice.
 */

/** The key of an attribute, behind those before it. */
export interface Key {
  readonly bytes: Uint8Array
  /** What stands before its value in a line: `,"key":`, the first one without the comma. */
  readonly literal: Piece
  /** False for one that the record has already, or that JSON would write in another way: it is not written here. */
  readonly isPlain: boolean
  /** Which of the ids of a record it is the name of. */
  readonly id: 'audit.record.id' | 'log.record.uid' | undefined
  /** What came behind it, the last one in front. */
  readonly next: Key[]
}

/** Bytes to be written four at a time, the last ones padded. */
export interface Piece {
  readonly words: Int32Array
  readonly length: number
}

/** More keys than these are no regularity: they are forgotten, and learnt anew. */
const most = 4096
const longest = 127

export class Keys {
  #first: Key[] = []
  #count = 0

  /** Before each record: what its first key is looked for in. */
  get first(): Key[] {
    return this.#first
  }

  /** `[from, to)` of the body as a key in `among`, `first` or some key's `next`. `before`: the keys that the record has. */
  find(among: Key[], body: Uint8Array, from: number, to: number, before: readonly Key[]): Key {
    for (let i = 0; i < among.length; i++) {
      const key = among[i]!
      if (!isSame(key.bytes, body, from, to)) continue
      if (i > 0) {
        among[i] = among[0]!
        among[0] = key
      }
      return key
    }
    // Not `slice`, which of a Buffer is a view: the body's memory is used again.
    return this.#add(among, new Uint8Array(body.subarray(from, to)), before)
  }

  #add(among: Key[], bytes: Uint8Array, before: readonly Key[]): Key {
    const text = Buffer.from(bytes).toString('latin1')
    const isPlain =
      bytes.length <= longest &&
      /^[ !#-[\]-~]*$/.test(text) &&
      // Of an object these come first, whatever their place was.
      !/^\d+$/.test(text) &&
      !before.some((key) => isSame(key.bytes, bytes, 0, bytes.length))
    const id = text === 'audit.record.id' || text === 'log.record.uid' ? text : undefined
    const literal = pieceOf(`${before.length > 0 ? ',' : ''}"${isPlain ? text : ''}":`)
    const key: Key = { bytes, literal, isPlain, id, next: [] }
    if (++this.#count > most) {
      this.#first = []
      this.#count = 0
    } else among.unshift(key)
    return key
  }
}

/** Of ASCII. */
export function pieceOf(text: string): Piece {
  const words = new Int32Array((text.length + 3) >>> 2)
  Buffer.from(words.buffer).write(text, 'latin1')
  return { words, length: text.length }
}

function isSame(key: Uint8Array, body: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== body[from + i]) return false
  return true
}
