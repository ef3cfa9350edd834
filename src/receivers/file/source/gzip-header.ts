/**
 * The header of a gzip member (RFC 1952, section 2.3), taken in as it comes: a file that is being written may end
 * anywhere in it. Names and comments are passed over, however long they are, and not held.
 */
import { crc32 } from 'node:zlib'

const headerCrcFlag = 0x02
const extraFlag = 0x04
const nameFlag = 0x08
const commentFlag = 0x10
const reservedFlags = 0xe0
const deflate = 8

type Field = 'fixed' | 'extraLength' | 'extra' | 'name' | 'comment' | 'crc' | 'done'

/** Thrown by `push`; the message is for the error that says where. */
export class HeaderFault extends Error {}

export class GzipHeader {
  #field: Field = 'fixed'
  #flags = 0
  /** Bytes of the field seen so far. */
  #seen = 0
  #extraLength = 0
  #storedCrc = 0
  #crc = 0

  get done(): boolean {
    return this.#field === 'done'
  }

  /** Takes bytes up to the end of the header; returns how many. Throws a `HeaderFault`. */
  push(bytes: Uint8Array): number {
    let taken = 0
    while (taken < bytes.length && this.#field !== 'done') {
      const from = taken
      const inCrc = this.#field === 'crc'
      taken = inCrc ? this.#checksum(bytes, from) : this.#advance(bytes, from)
      if (!inCrc) this.#crc = crc32(bytes.subarray(from, taken), this.#crc)
    }
    return taken
  }

  /** Takes bytes of one field. */
  #advance(bytes: Uint8Array, from: number): number {
    switch (this.#field) {
      case 'fixed':
        this.#fixed(bytes[from] ?? 0)
        return from + 1
      case 'extraLength':
        this.#extraLength |= (bytes[from] ?? 0) << (8 * this.#seen)
        this.#seen += 1
        if (this.#seen === 2) this.#enter('extra')
        return from + 1
      case 'extra': {
        const taken = Math.min(bytes.length - from, this.#extraLength - this.#seen)
        this.#seen += taken
        if (this.#seen === this.#extraLength) this.#enter('name')
        return from + taken
      }
      default:
        return this.#text(bytes, from)
    }
  }

  #fixed(byte: number): void {
    const at = this.#seen
    if ((at === 0 && byte !== 0x1f) || (at === 1 && byte !== 0x8b)) {
      throw new HeaderFault('no gzip member begins here')
    }
    if (at === 2 && byte !== deflate) throw new HeaderFault(`unknown compression method ${byte}`)
    if (at === 3) {
      if (byte & reservedFlags) throw new HeaderFault('unknown header flags')
      this.#flags = byte
    }
    this.#seen += 1
    if (this.#seen === 10) this.#enter('extraLength')
  }

  /** A name or comment, up to its zero byte. */
  #text(bytes: Uint8Array, from: number): number {
    const end = bytes.indexOf(0, from)
    if (end < 0) return bytes.length
    this.#enter(this.#field === 'name' ? 'comment' : 'crc')
    return end + 1
  }

  #checksum(bytes: Uint8Array, from: number): number {
    this.#storedCrc |= (bytes[from] ?? 0) << (8 * this.#seen)
    this.#seen += 1
    if (this.#seen === 2) {
      if (this.#storedCrc !== (this.#crc & 0xffff)) throw new HeaderFault('the header does not match its CRC')
      this.#field = 'done'
    }
    return from + 1
  }

  /** Begins `field`, or the first behind it that the flags say is there. */
  #enter(field: Field): void {
    this.#seen = 0
    let next = field
    if (next === 'extraLength' && !(this.#flags & extraFlag)) next = 'name'
    if (next === 'extra' && this.#extraLength === 0) next = 'name'
    if (next === 'name' && !(this.#flags & nameFlag)) next = 'comment'
    if (next === 'comment' && !(this.#flags & commentFlag)) next = 'crc'
    if (next === 'crc' && !(this.#flags & headerCrcFlag)) next = 'done'
    this.#field = next
  }
}
