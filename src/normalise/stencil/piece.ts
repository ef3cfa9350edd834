/** Bytes to be written four at a time, the last ones padded. */
export interface Piece {
  readonly words: Uint32Array
  readonly length: number
}

export function pieceOf(bytes: Uint8Array): Piece {
  const padded = new Uint8Array((bytes.length + 3) & ~3)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  return {
    words: Uint32Array.from({ length: padded.length / 4 }, (_, i) => view.getUint32(4 * i, true)),
    length: bytes.length,
  }
}

export function writePiece({ words }: Piece, view: DataView, at: number): void {
  for (let i = 0, to = at; i < words.length; i++, to += 4) view.setUint32(to, words[i]!, true)
}
