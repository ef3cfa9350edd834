/**
 * What a block is remembered by, so that records that are sent again are known after a restart: the `memo` of
 * docs/journal-format.md. A byte 1, the first 8 bytes of the SHA-256 of the receiver's name; then for each mark the place of
 * its record's first event in the block (u32, little-endian; all ones: none), its key (16 bytes), its content (16).
 */
import { hash } from 'node:crypto'
import { markWords, type RecordMark, type RecordMarks } from '../event/record-marks.ts'

const version = 1
const tagLength = 8
const headLength = 1 + tagLength
const markLength = 36
const noEvent = 0xffff_ffff

export interface PlacedMark extends Pick<RecordMark, 'key' | 'content'> {
  /** In its block; undefined where it is not of one event. */
  readonly event: number | undefined
}

/** Tells the receivers of a configuration apart: 8 bytes, one character each. */
export const receiverTag = (name: string): string => hash('sha256', name, 'binary').slice(0, tagLength)

/** Of one block's marks, one after the other: there are as many as records, so that none becomes an object here. */
export class MemoWriter {
  readonly #memo: Buffer
  readonly #view: DataView
  #at = headLength

  /** `most`: how many marks will be added, at most. */
  constructor(tag: string, most: number) {
    this.#memo = Buffer.alloc(headLength + markLength * most)
    this.#view = new DataView(this.#memo.buffer, this.#memo.byteOffset, this.#memo.byteLength)
    this.#memo[0] = version
    this.#memo.write(tag, 1, 'latin1')
  }

  /** One of some marks, whose record has this event: as in `PlacedMark`. */
  add(event: number | undefined, { words }: RecordMarks, mark: number): void {
    const memo = this.#view
    const at = this.#at
    memo.setUint32(at, event ?? noEvent, true)
    const from = markWords * mark
    for (let word = 0; word < markWords; word++) memo.setInt32(at + 4 + 4 * word, words[from + word]!, true)
    this.#at = at + markLength
  }

  /** Undefined where no mark was added: such a block has nothing to be remembered by. */
  get bytes(): Buffer | undefined {
    return this.#at === headLength ? undefined : this.#memo.subarray(0, this.#at)
  }
}

export interface Memo {
  readonly tag: string
  readonly marks: readonly PlacedMark[]
}

/** Undefined for one of another version. */
export function decodeMemo(bytes: Uint8Array): Memo | undefined {
  const memo = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (memo[0] !== version || (memo.byteLength - headLength) % markLength !== 0) return undefined
  const marks: PlacedMark[] = []
  for (let at = headLength; at < memo.byteLength; at += markLength) {
    const event = memo.readUInt32LE(at)
    marks.push({
      event: event === noEvent ? undefined : event,
      key: memo.toString('latin1', at + 4, at + 20),
      content: memo.toString('latin1', at + 20, at + 36),
    })
  }
  return { tag: memo.toString('latin1', 1, headLength), marks }
}
