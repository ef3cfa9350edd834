/**
 * A gzip file (RFC 1952) read once from front to back, as far as it goes: members one after the other, each checked
 * against its CRC and length; zero bytes between and behind them are padding. Where the file ends in the middle of a
 * member, reading goes on as soon as it has grown.
 *
 * Invariant: whatever can be decompressed before a fault has been given out when the fault is thrown. Zlib drops the
 * output of the call that fails, so the failing member is read again with that input byte by byte.
 */
import { crc32 } from 'node:zlib'
import { asError } from '../../../errors.ts'
import { GzipHeader, HeaderFault } from './gzip-header.ts'
import { Inflation } from './inflation.ts'

/** Bytes of input at a time. */
const inputSize = 16 * 1024

/** What is wrong with a compressed file, and where. */
export class GzipFault extends Error {
  /** Decompressed bytes before it: all of them were given out. */
  readonly offset: number
  /** Bytes of the file before it, at most one input chunk too few. */
  readonly compressedOffset: number

  constructor(reason: string, offset: number, compressedOffset: number) {
    super(`damaged gzip data at byte ${compressedOffset}, after ${offset} decompressed bytes: ${reason}`)
    this.name = 'GzipFault'
    this.offset = offset
    this.compressedOffset = compressedOffset
  }
}

/** Where a member begins: reading can begin there. Bytes in the file, and decompressed ones before it. */
export interface MemberStart {
  readonly compressed: number
  readonly decompressed: number
}

export interface GunzipOptions {
  readonly start: MemberStart
  /** Fills `buffer` from the compressed file; resolves to the bytes read, 0 at its present end. */
  readonly input: (buffer: Uint8Array, position: number) => Promise<number>
  /** A member begins here. */
  readonly member: (start: MemberStart) => void
}

type Part = 'between' | 'header' | 'body' | 'trailer'

export class Gunzip {
  /** Bytes of the file used up. */
  consumed: number
  /** Bytes given out. */
  produced: number
  readonly #options: GunzipOptions
  #part: Part = 'between'
  #start: MemberStart
  #header = new GzipHeader()
  #inflation: Inflation | null = null
  #buffer: Buffer | null = null
  #input: Buffer = Buffer.alloc(0)
  /** Bytes of input that the inflation has and did not ask beyond yet. */
  #inside = 0
  #crc = 0
  /** Decompressed bytes of this member, and how many of them were given out before it was read again. */
  #length = 0
  #given = 0
  /** Input from here on goes in byte by byte; beyond any file while nothing failed. */
  #careful = Number.POSITIVE_INFINITY
  #trailer = Buffer.alloc(0)
  #members = 0
  #inputEnded = false

  constructor(options: GunzipOptions) {
    this.#options = options
    this.#start = options.start
    this.consumed = options.start.compressed
    this.produced = options.start.decompressed
    this.#members = options.start.compressed > 0 ? 1 : 0
  }

  /** Whether the file ended behind a whole member when it was read last. */
  get complete(): boolean {
    return this.#part === 'between' && this.#members > 0 && this.#inputEnded
  }

  /** The next bytes, null at the present end. Throws a `GzipFault`; what comes after one is undefined. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      if (this.#part === 'body') {
        const bytes = await this.#inflate()
        if (bytes === null) return null
        if (bytes.length > 0) return bytes
        continue
      }
      if (this.#input.length === 0 && !(await this.#fill())) return null
      if (this.#part === 'between') this.#findMember()
      else if (this.#part === 'header') this.#readHeader()
      else this.#readTrailer()
    }
  }

  close(): void {
    this.#inflation?.close()
    this.#inflation = null
    this.#buffer = null
  }

  #findMember(): void {
    let zeros = 0
    while (this.#input[zeros] === 0) zeros += 1
    this.#use(zeros)
    if (this.#input.length === 0) return
    this.#start = { compressed: this.consumed, decompressed: this.produced }
    this.#options.member(this.#start)
    this.#given = 0
    this.#begin()
  }

  #begin(): void {
    this.#header = new GzipHeader()
    this.#part = 'header'
  }

  #readHeader(): void {
    try {
      this.#use(this.#header.push(this.#input))
    } catch (error) {
      if (!(error instanceof HeaderFault)) throw error
      const behind = this.#members > 0 ? ' (data behind the last member?)' : ''
      throw this.#fault(error.message + behind)
    }
    if (!this.#header.done) return
    this.#inflation = new Inflation()
    this.#crc = 0
    this.#length = 0
    this.#part = 'body'
  }

  /** Null at the present end of the file; empty when there is nothing to give out yet. */
  async #inflate(): Promise<Buffer | null> {
    const inflation = this.#inflation
    if (!inflation) return null
    const inflated = await inflation.next().catch((error: unknown) => this.#failed(asError(error)))
    if (inflated.kind === 'output') return this.#output(inflated.bytes)
    const unused = inflated.kind === 'end' ? inflated.unused : 0
    this.#use(this.#inside - unused)
    this.#inside = 0
    if (inflated.kind === 'end') {
      inflation.close()
      this.#inflation = null
      this.#trailer = Buffer.alloc(0)
      this.#part = 'trailer'
    } else if (this.#part === 'body') {
      if (this.#input.length === 0 && !(await this.#fill())) return null
      // Past the place that failed: it was written to meanwhile.
      if (this.consumed > this.#careful + inputSize) this.#careful = Number.POSITIVE_INFINITY
      const safe = Math.max(1, this.#careful - this.consumed)
      this.#inside = Math.min(this.#input.length, safe)
      inflation.push(this.#input.subarray(0, this.#inside))
    }
    return Buffer.alloc(0)
  }

  #output(bytes: Buffer): Buffer {
    this.#crc = crc32(bytes, this.#crc)
    const known = Math.min(bytes.length, Math.max(0, this.#given - this.#length))
    this.#length += bytes.length
    this.produced += bytes.length - known
    return bytes.subarray(known)
  }

  /** Reads the member again, with care where it failed, or throws when that was done already. */
  #failed(error: Error): never | { kind: 'input' } {
    if (this.#careful !== Number.POSITIVE_INFINITY) throw this.#fault(error.message)
    this.#inflation?.close()
    this.#inflation = null
    this.#careful = this.consumed
    this.#given = this.#length
    this.consumed = this.#start.compressed
    this.#input = Buffer.alloc(0)
    this.#inside = 0
    this.#begin()
    return { kind: 'input' }
  }

  #readTrailer(): void {
    const taken = Math.min(8 - this.#trailer.length, this.#input.length)
    this.#trailer = Buffer.concat([this.#trailer, this.#input.subarray(0, taken)])
    this.#use(taken)
    if (this.#trailer.length < 8) return
    if (this.#trailer.readUInt32LE(0) !== this.#crc) throw this.#fault('its CRC does not match its data')
    if (this.#trailer.readUInt32LE(4) !== this.#length % 2 ** 32)
      throw this.#fault('its length does not match its data')
    this.#members += 1
    this.#part = 'between'
  }

  #use(bytes: number): void {
    this.#input = this.#input.subarray(bytes)
    this.consumed += bytes
  }

  /** Called only when all input is used up, so that its memory is free. */
  async #fill(): Promise<boolean> {
    const buffer = this.#buffer ?? Buffer.allocUnsafeSlow(inputSize)
    const bytes = await this.#options.input(buffer, this.consumed)
    this.#inputEnded = bytes === 0
    this.#buffer = this.#inputEnded && this.#part === 'between' ? null : buffer
    this.#input = buffer.subarray(0, bytes)
    return bytes > 0
  }

  #fault(reason: string): GzipFault {
    return new GzipFault(reason, this.produced, this.consumed)
  }
}
