/**
 * Walks one segment's blocks, good and bad, in file order. Recovery and readers use the same walk, so that what one
 * calls damaged the other can't take for an event.
 */

import type { HeldMemory, Share } from '../held-memory.ts'
import { blockMagic, fixedHeaderLength, needleLength } from './block.ts'
import { type BlockHeader, claimedHeaderLength, decodeHeader } from './block-decode.ts'
import type { BlockMemories } from './block-memory.ts'
import type { OpenFile } from './fs-port.ts'
import { openBody, openHeader } from './open-block.ts'
import type { SegmentCipher } from './segment-cipher.ts'
import type { SegmentHeader } from './segment-header.ts'

/** `body` is in plain: index, payload, raw. It lies in `memory`, where it has none of its own. */
export type Scanned =
  | {
      readonly kind: 'block'
      readonly offset: number
      readonly header: BlockHeader
      readonly body: Buffer
      readonly memory: HeldMemory | undefined
    }
  /** The caller said that it needs no events below some seq, and this block has none above: not checked. */
  | { readonly kind: 'skipped'; readonly offset: number; readonly header: BlockHeader }
  /** `header` when only the body is bad. `end` is where the next good header begins, or the limit. */
  | {
      readonly kind: 'damaged'
      readonly offset: number
      readonly end: number
      readonly header: BlockHeader | null
    }

/** Small blocks are read many at a time. Blocks keep their window in memory, so it stays small. */
const windowLength = 256 * 1024
/** Large blocks have a window each, and the next block's header in it: one read a block. */
const headerAhead = 1024
/** Windows come in sizes that the next block can use again. */
const windowStep = 64 * 1024
/** Searching for the next block reads more at once: most of a preallocated segment is zeros. */
const searchLength = 1024 * 1024

/** What of a segment its blocks are read with. */
export interface ScannedSegment {
  readonly header: Pick<SegmentHeader, 'incarnation' | 'dataStart'>
  readonly cipher: SegmentCipher | null
}

export class BlockScanner {
  readonly #file: OpenFile
  readonly #incarnation: Uint8Array
  readonly #cipher: SegmentCipher | null
  readonly #memories: BlockMemories | undefined
  readonly #least: number
  #memory: HeldMemory | undefined
  #share: Share | undefined
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0
  /** File offset of the next block. */
  offset: number

  /**
   * Without `memories` everything is left to the garbage collector. `least` bytes are read at a time: a few, where only headers
   * are wanted.
   */
  constructor(
    file: OpenFile,
    { header, cipher }: ScannedSegment,
    offset = header.dataStart,
    memories?: BlockMemories,
    least = windowLength,
  ) {
    this.#least = least
    this.#file = file
    this.#memories = memories
    this.#incarnation = header.incarnation
    this.#cipher = cipher
    this.offset = offset
  }

  /**
   * What lies at `offset`, moving behind it; null at `limit`. Nothing at or above `limit` is looked at.
   * @param skipBelow blocks without events at or above this seq are not checked. Default: all are
   * @throws AffiantError journal_format
   */
  async next(limit: number, skipBelow = -1): Promise<Scanned | null> {
    const offset = this.offset
    if (offset >= limit) return null
    const header = await this.#headerAt(offset, limit)
    if (!header) {
      this.offset = await this.#search(offset + 1, limit)
      return { kind: 'damaged', offset, end: this.offset, header: null }
    }
    this.offset = offset + header.length
    if (header.firstSeq + header.count <= skipBelow) return { kind: 'skipped', offset, header }
    const stored = await this.#bytes(offset + header.headerLength, header.bodyLength, limit)
    const body = stored && (await openBody(header, stored, this.#cipher))
    if (!body) return { kind: 'damaged', offset, end: this.offset, header }
    return { kind: 'block', offset, header, body, memory: body === stored ? this.#memory : undefined }
  }

  /** It is used no more. What was handed out stays for those who hold it. */
  release(): void {
    this.#share?.release()
    this.#share = undefined
    this.#memory = undefined
    this.#window = Buffer.alloc(0)
  }

  async #headerAt(offset: number, limit: number): Promise<BlockHeader | null> {
    const fixed = await this.#bytes(offset, fixedHeaderLength, limit)
    const length = fixed ? claimedHeaderLength(fixed, 0, this.#incarnation) : 0
    const bytes = length > 0 ? await this.#bytes(offset, length, limit) : null
    const decoded = bytes && decodeHeader(bytes)
    const header = decoded && openHeader(decoded, this.#cipher)
    return header && offset + header.length <= limit ? header : null
  }

  /** Where the next good header begins, from `from` on; `limit` when there is none. */
  async #search(from: number, limit: number): Promise<number> {
    const needle = Buffer.concat([blockMagic, this.#incarnation])
    const buffer = Buffer.alloc(Math.min(searchLength, Math.max(0, limit - from)))
    while (from + fixedHeaderLength <= limit) {
      const length = Math.min(buffer.byteLength, limit - from)
      const filled = await this.#file.read(buffer.subarray(0, length), from)
      const found = buffer.subarray(0, filled).indexOf(needle)
      if (found >= 0) {
        if (await this.#headerAt(from + found, limit)) return from + found
        from += found + 1
      } else if (filled < length || from + filled >= limit) {
        break
      } else {
        // The needle may lie across two reads.
        from += filled - needleLength + 1
      }
    }
    return limit
  }

  /** `length` bytes at `start`, or null when they are not all below `limit` and in the file. */
  async #bytes(start: number, length: number, limit: number): Promise<Buffer | null> {
    if (start + length > limit) return null
    const inWindow = start - this.#windowStart
    if (inWindow < 0 || inWindow + length > this.#window.byteLength) {
      // Other memory each time: blocks that were handed out share that of the old one.
      const wanted = Math.min(limit - start, Math.max(this.#least, length + headerAhead))
      const memory = this.#memories?.take(Math.ceil(wanted / windowStep) * windowStep)
      const window = memory?.bytes.subarray(0, wanted) ?? Buffer.allocUnsafeSlow(wanted)
      const had =
        inWindow < 0 || inWindow > this.#window.byteLength ? 0 : this.#window.copy(window, 0, inWindow)
      const filled = had + (await this.#file.read(window.subarray(had), start + had))
      this.#share?.release()
      this.#share = memory?.hold()
      this.#memory = memory
      this.#window = window.subarray(0, filled)
      this.#windowStart = start
      return filled < length ? null : this.#window.subarray(0, length)
    }
    return this.#window.subarray(inWindow, inWindow + length)
  }
}
