/**
 * A gzip file, read as the bytes that it stands for: positions and sizes are decompressed ones.
 *
 * Reading on is cheap, and so is going back to the line in which the last read ended or began. Any other position
 * behind is reached by decompressing again from the nearest member start before it. Memory: one read, an unfinished
 * line up to `mostKept`, zlib's window, and the first bytes of the content.
 */
import type { BigIntStats } from 'node:fs'
import type { ByteSource } from './byte-source.ts'
import { Gunzip, GzipFault, type MemberStart } from './gunzip.ts'
import { KeptBytes } from './kept-bytes.ts'

/** Bytes of an unfinished line that are kept; to begin again with a longer one is to decompress again. */
const mostKept = 4 * 1024 * 1024
/** Reads at the beginning up to this size are answered from memory: they ask whether it is still the same file. */
const mostHead = 64 * 1024
/** Compressed bytes at the beginning that show that the file was written anew. */
const printSize = 64
/** Decompressed bytes between member starts that are remembered. */
const startsApart = 4 * 1024 * 1024

export class GzipSource implements ByteSource {
  readonly #file: ByteSource
  #gunzip: Gunzip | null = null
  readonly #kept = new KeptBytes()
  /** Where the last line begins that the reads so far have seen. */
  #line = 0
  /** The largest positions that were ever decompressed, and given to a caller. */
  #known = 0
  #given = 0
  #complete = false
  #fault: GzipFault | null = null
  #reported = false
  #head = Buffer.alloc(0)
  #print = Buffer.alloc(0)
  /** In order; the first is the beginning. */
  #starts: MemberStart[] = []
  /** One at a time: the last one under way. */
  #turn: Promise<unknown> = Promise.resolve()

  /** `file` gives the compressed bytes, and is closed with this. */
  constructor(file: ByteSource) {
    this.#file = file
  }

  /** All members ended properly at the end of the file, when that was met last. */
  get complete(): boolean {
    return this.#complete
  }

  /**
   * What is wrong with the data, once that was met: the content ends there. A `read` that it cuts short and that has
   * nothing new to give rejects with it, once.
   */
  get fault(): GzipFault | null {
    return this.#fault
  }

  /** Is in the middle of its content, with the state of decompression that reading on from there takes. */
  get warm(): boolean {
    return this.#gunzip !== null && !this.#gunzip.complete
  }

  get isOpen(): boolean {
    return this.#file.isOpen
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    return this.#alone(() => this.#read(buffer, position))
  }

  /** Decompressed bytes known so far: up to where the end was met, or less than there are. See `measure`. */
  size(): Promise<number> {
    return this.#alone(async () => {
      await this.#notice()
      return this.#known
    })
  }

  /** Decompresses up to the present end or a fault; resolves to the decompressed size. */
  measure(): Promise<number> {
    return this.#alone(async () => {
      await this.#notice()
      if (this.#interrupted) this.#begin(this.#known)
      while (await this.#more()) this.#kept.dropBefore(this.#kept.to - mostHead)
      return this.#known
    })
  }

  stat(): Promise<BigIntStats> {
    return this.#file.stat()
  }

  locate(lastPath: string): Promise<string | null> {
    return this.#file.locate(lastPath)
  }

  /** Gives back the memory of decompression. The next read begins again at a member start. */
  release(): Promise<void> {
    return this.#alone(async () => {
      this.#close()
      this.#kept.reset(0)
    })
  }

  async close(): Promise<void> {
    await this.release()
    await this.#file.close()
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  async #read(buffer: Uint8Array, position: number): Promise<number> {
    const end = position + buffer.length
    if (position === 0 || position < this.#kept.from) await this.#notice()
    if (end <= this.#head.length) {
      buffer.set(this.#head.subarray(position, end))
      return buffer.length
    }
    if (position < this.#kept.from || this.#interrupted) this.#begin(position)
    this.#kept.dropBefore(Math.min(position, Math.max(this.#line, this.#kept.to - mostKept)))
    while (this.#kept.to < end && (await this.#more())) {
      if (this.#kept.to <= position) this.#kept.dropBefore(position)
    }
    const filled = this.#kept.copy(buffer, position)
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, filled)
    if (position === 0 && end <= mostHead && filled > this.#head.length) {
      this.#head = Buffer.allocUnsafeSlow(filled)
      bytes.copy(this.#head)
    }
    const newline = bytes.lastIndexOf(10)
    if (newline >= 0) this.#line = position + newline + 1
    const news = position + filled > this.#given
    this.#given = Math.max(this.#given, position + filled)
    // Nothing more is to come: many of these may lie around.
    if (this.#complete && filled < buffer.length) this.#kept.dropBefore(this.#line)
    if (filled < buffer.length && !news) this.#report()
    return filled
  }

  /** There is no state to read on with, and that is not because of a fault behind what is kept. */
  get #interrupted(): boolean {
    return !this.#gunzip && this.#kept.to !== this.#fault?.offset
  }

  #report(): void {
    if (!this.#fault || this.#reported) return
    this.#reported = true
    throw this.#fault
  }

  /** Decompresses a piece; false at the present end, and at a fault. */
  async #more(): Promise<boolean> {
    if (!this.#gunzip) return false
    try {
      const bytes = await this.#gunzip.next()
      if (bytes === null) {
        this.#complete = this.#gunzip.complete
        // It became shorter than what was read of it.
        if ((await this.#file.size()) < this.#gunzip.consumed) this.#forget()
        return false
      }
      this.#kept.append(bytes)
      // To read once more what is known says nothing about the end.
      if (this.#kept.to > this.#known) this.#complete = this.#gunzip.complete
      this.#known = Math.max(this.#known, this.#kept.to)
      return true
    } catch (error) {
      if (!(error instanceof GzipFault)) throw error
      this.#close()
      this.#complete = false
      this.#fault = error
      return false
    }
  }

  /** Goes to the member start before `position`, to read on from there. */
  #begin(position: number): void {
    this.#close()
    const start = this.#starts.findLast(({ decompressed }) => decompressed <= position)
    this.#kept.reset(start?.decompressed ?? 0)
    this.#line = this.#kept.from
    this.#gunzip = new Gunzip({
      start: start ?? { compressed: 0, decompressed: 0 },
      input: (buffer, at) => this.#file.read(buffer, at),
      member: (start) => this.#remember(start),
    })
  }

  #close(): void {
    this.#gunzip?.close()
    this.#gunzip = null
  }

  #remember(start: MemberStart): void {
    const last = this.#starts.at(-1)
    if (last && start.compressed <= last.compressed) return
    const before = this.#starts.at(-2)
    if (last && before && last.decompressed - before.decompressed < startsApart) this.#starts.pop()
    this.#starts.push(start)
  }

  /** Forgets everything when the file does not begin as it did, or is shorter than what was read of it. */
  async #notice(): Promise<void> {
    const print = Buffer.alloc(printSize)
    const bytes = print.subarray(0, await this.#file.read(print, 0))
    const same = bytes.subarray(0, this.#print.length).equals(this.#print)
    if (!same || (await this.#file.size()) < (this.#gunzip?.consumed ?? 0)) this.#forget()
    this.#print = bytes
  }

  #forget(): void {
    this.#close()
    this.#kept.reset(0)
    this.#line = 0
    this.#known = 0
    this.#given = 0
    this.#complete = false
    this.#fault = null
    this.#reported = false
    this.#head = Buffer.alloc(0)
    this.#starts = []
  }
}
