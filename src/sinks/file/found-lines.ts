/**
 * Lines that a run before has appended, and of which its cursor did not come to know: that is on disk up to a second late.
 * After a kill they need not be appended again.
 *
 * Invariants: a line counts as there only if every byte of it is what would be appended now; each stands for one event,
 * once. Where they are not found (too far back, renamed by somebody else), events are there twice, and none is missing.
 */
import { hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { DeliveryBatch } from '../sink.ts'

/** Mostly there is nothing to be found, which the first of these tells. */
const firstChunk = 64 * 1024
const chunkSize = 1024 * 1024
/** Bytes, from the end back: as much as is appended while a cursor may be behind. */
const most = 64 * chunkSize
const newline = 0x0a
/** How a line of ours ends. */
const ending = /"log":\{"origin":("[^"]*"),"seq":(\d{1,16}),"size":\d+\}\}$/
const longestEnding = 512

export class FoundLines {
  readonly #origin: string
  /** By seq, what the line is. */
  readonly #hashes = new Map<number, string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  get size(): number {
    return this.#hashes.size
  }

  /**
   * Reads from the end back; true when it came to what is settled (events below `from`), so that what lies before is of no
   * interest.
   */
  async read(handle: FileHandle, size: number, from: number): Promise<boolean> {
    /** The end of a line that begins further back. */
    let rest = Buffer.alloc(0)
    for (let end = size; end > Math.max(0, size - most); ) {
      const start = Math.max(0, end - (end === size ? firstChunk : chunkSize))
      const chunk = Buffer.alloc(end - start)
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, start)
      if (bytesRead < chunk.length) return false
      const bytes = Buffer.concat([chunk, rest])
      const newlineAt = bytes.indexOf(newline)
      const first = start === 0 ? 0 : newlineAt < 0 ? bytes.length : newlineAt + 1
      if (this.#take(bytes.subarray(first), from)) return true
      rest = bytes.subarray(0, first)
      end = start
    }
    return false
  }

  /** True when there are lines of ours, and all of them are settled. */
  #take(lines: Buffer, from: number): boolean {
    let ours = 0
    let settled = 0
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(newline, start)
      if (end < 0) break
      const line = lines.subarray(start, end)
      const match = ending.exec(line.toString('latin1', Math.max(0, line.length - longestEnding)))
      start = end + 1
      if (match?.[1] !== JSON.stringify(this.#origin)) continue
      ours += 1
      const seq = Number(match[2])
      if (seq < from) settled += 1
      else this.#hashes.set(seq, hash('sha256', line, 'base64'))
    }
    return ours > 0 && settled === ours
  }

  /** The lines of the batch that are not there yet. */
  missing({ origin, lines, lengths, seqs }: DeliveryBatch): Buffer {
    if (this.#hashes.size === 0 || origin !== this.#origin) return lines
    const missing: Buffer[] = []
    let at = 0
    for (const [index, length] of lengths.entries()) {
      const seq = seqs[index]!
      const found = this.#hashes.get(seq)
      if (found === undefined || found !== hash('sha256', lines.subarray(at, at + length), 'base64')) {
        missing.push(lines.subarray(at, at + length + 1))
      }
      at += length + 1
    }
    return Buffer.concat(missing)
  }

  /** What stood for these events has done so. */
  settle({ seqs }: DeliveryBatch): void {
    if (this.#hashes.size > 0) for (const seq of seqs) this.#hashes.delete(seq)
  }
}
