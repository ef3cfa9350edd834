/**
 * A record in the making, of one line or several. Over the size limit it keeps its head and its hash alone, so that
 * what is held stays bounded however long it grows.
 */
import { createHash, type Hash } from 'node:crypto'
import { type ContainerLine, oversizeHead } from '../../../event/record.ts'
import { isBlank } from './blank.ts'
import type { Line } from './line.ts'

const newline = Buffer.of(0x0a)
const nothing = Buffer.alloc(0)

export class PendingRecord {
  /** What the runtime said of its first line. */
  readonly container: ContainerLine | undefined
  /** Byte offset of its text in the stream. */
  readonly offset: number
  /** The stream's bytes that it was made of: whole lines, in order. */
  readonly extents: [start: number, end: number][] = []
  /** Bytes of it so far. */
  size = 0
  #parts: Buffer[] = []
  /** The parts from this index on lie in memory that is used again. */
  #borrowed = 0
  #held = 0
  #hash: Hash | undefined
  #warnings: string[] | undefined
  /** Up to its last line that is not blank: bytes of it, and offset in the stream. */
  #filled = 0
  #end: number
  readonly #maxRecord: number

  constructor(line: Line, text: Buffer, container: ContainerLine | undefined, maxRecord: number) {
    this.#maxRecord = maxRecord
    this.container = container
    this.offset = line.textStart
    this.#end = line.textEnd
    this.extents.push([line.start, line.next])
    this.warn(line.warnings)
    this.#add(text)
    this.#fill(text, line.textEnd)
  }

  /** Bytes in memory. */
  get held(): number {
    return this.#held
  }

  get oversize(): { readonly size: number; readonly sha256: string } | undefined {
    return this.#hash && { size: this.size, sha256: this.#hash.copy().digest('hex') }
  }

  get isBlank(): boolean {
    return this.#filled === 0
  }

  get warnings(): readonly string[] | undefined {
    return this.#warnings
  }

  /** Bytes of the stream from `offset` to the end of its last line that is not blank. */
  get length(): number {
    return this.#end - this.offset
  }

  warn(warnings: readonly string[] | undefined): void {
    if (warnings === undefined) return
    this.#warnings ??= []
    for (const warning of warnings) if (!this.#warnings.includes(warning)) this.#warnings.push(warning)
  }

  /** The next part of its line. */
  addPart(line: Line, text: Buffer): void {
    this.#extend(line.start, line.next)
    this.warn(line.warnings)
    this.#add(text)
    this.#fill(text, line.textEnd)
  }

  /** A record that is no record of its own. It must not be oversize itself. */
  addLine(other: PendingRecord): void {
    for (const [start, end] of other.extents) this.#extend(start, end)
    this.warn(other.#warnings)
    this.#add(newline)
    for (const part of other.#parts) this.#add(part)
    if (!other.isBlank) {
      this.#filled = this.size
      this.#end = other.#end
    }
  }

  /** What it holds says nothing: it is as blank. */
  empty(): void {
    this.#filled = 0
  }

  /** Its bytes, without trailing blank lines; of an oversize record the head. */
  text(): Buffer {
    const [only = nothing] = this.#parts
    const all = this.#parts.length <= 1 ? only : Buffer.concat(this.#parts)
    return this.#hash ? all : all.subarray(0, this.#filled)
  }

  /** From here on nothing of it lies in the reading's memory. */
  own(): void {
    if (this.#borrowed === this.#parts.length) return
    const owned = Buffer.concat(this.#parts.slice(this.#borrowed))
    this.#parts.length = this.#borrowed
    this.#parts.push(owned)
    this.#borrowed = this.#parts.length
  }

  #add(text: Buffer): void {
    this.size += text.length
    if (this.#hash) {
      this.#hash.update(text)
      return
    }
    this.#parts.push(text)
    this.#held += text.length
    if (this.size > this.#maxRecord) this.#keepHead()
  }

  #keepHead(): void {
    const hash = createHash('sha256')
    for (const part of this.#parts) hash.update(part)
    const head = Buffer.concat(this.#parts, Math.min(oversizeHead, this.size))
    this.#hash = hash
    this.#parts = [head]
    this.#borrowed = 1
    this.#held = head.length
  }

  #fill(text: Buffer, end: number): void {
    if (isBlank(text)) return
    this.#filled = this.size
    this.#end = end
  }

  #extend(start: number, end: number): void {
    const last = this.extents.at(-1)!
    if (last[1] === start) last[1] = end
    else this.extents.push([start, end])
  }
}
