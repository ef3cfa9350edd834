/**
 * Which receiver reads which stream. A stream has one position in the journal, so a file that the patterns of two
 * receivers match is read once: by the one that comes to it first, which at a start is the one that is configured first.
 * So is what begins like it, as its copies and compressed forms do.
 */
import { isSameBirth } from '../finding/locate.ts'
import type { HeadHash } from './descriptor.ts'
import { InTurn } from './in-turn.ts'

/** A file by its inode, which is given to another one once it is gone. */
export interface ClaimedFile {
  /** Device and inode. */
  readonly key: string
  /** When it was created, unix nanoseconds; 0 where nobody knows. */
  readonly born: bigint
}

export class StreamClaims {
  /** Of files with one head, by that: until one of them is a stream, the others can't be held against it. */
  readonly identifying = new InTurn()
  readonly #streams = new Map<string, { readonly head: string; readonly receiver: string }>()
  /** How many streams each receiver has that begin alike; the first to have one is first. */
  readonly #byHead = new Map<string, Map<string, number>>()
  readonly #files = new Map<string, { readonly born: bigint; readonly receiver: string }>()
  /** Receivers that have something which another one would read. */
  readonly #contested = new Set<string>()
  /** What is to be done once the file is released, by key. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** The receiver that has the stream from now on: `receiver`, unless another one has it. */
  claim(stream: string, { sha256: head }: HeadHash, receiver: string): string {
    const held = this.#streams.get(stream)
    if (held) return held.receiver
    this.#streams.set(stream, { head, receiver })
    this.#count(head, receiver, 1)
    return receiver
  }

  /** Whether any receiver has the stream, or had it within the time for which that is remembered. */
  isTaken(stream: string): boolean {
    return this.#streams.has(stream)
  }

  /** Who reads streams that begin like this. */
  readersOf({ sha256 }: HeadHash): readonly string[] {
    return [...(this.#byHead.get(sha256)?.keys() ?? [])]
  }

  /** The same of a file. `released` is called if another one has it, once that has it no longer. */
  claimFile({ key, born }: ClaimedFile, receiver: string, released?: () => void): string {
    const held = this.#files.get(key)
    if (!held || !isSameBirth(held.born, born)) {
      this.#files.set(key, { born, receiver })
      return receiver
    }
    if (held.receiver !== receiver && released) {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), released])
    }
    return held.receiver
  }

  /** Whether `receiver` has the file already: a new generation of its content is no reason to change hands. */
  hasFile({ key, born }: ClaimedFile, receiver: string): boolean {
    const held = this.#files.get(key)
    return held?.receiver === receiver && isSameBirth(held.born, born)
  }

  /** The stream's input is gone. */
  release(stream: string): void {
    const held = this.#streams.get(stream)
    if (!held) return
    this.#streams.delete(stream)
    this.#count(held.head, held.receiver, -1)
  }

  /** The file is gone, as far as `receiver` knows: what has its inode now is another one. */
  releaseFile({ key, born }: ClaimedFile, receiver: string): void {
    const held = this.#files.get(key)
    if (held?.receiver !== receiver || !isSameBirth(held.born, born)) return
    this.#files.delete(key)
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const released of waiting) released()
  }

  /** Somebody else has left alone what `receiver` has, or something that begins like it. */
  contest(receiver: string): void {
    this.#contested.add(receiver)
  }

  /** Whether others may come to read what `receiver` has, once it does not. */
  isContested(receiver: string): boolean {
    return this.#contested.has(receiver)
  }

  /** The receiver has stopped. Whoever waited for what it had must begin anew: what was known of it is in the journal. */
  leave(receiver: string): void {
    this.#contested.delete(receiver)
    for (const [stream, held] of this.#streams) if (held.receiver === receiver) this.release(stream)
    for (const [key, held] of this.#files) {
      if (held.receiver !== receiver) continue
      this.#files.delete(key)
      this.#waiting.delete(key)
    }
  }

  #count(head: string, receiver: string, more: 1 | -1): void {
    const readers = this.#byHead.get(head) ?? new Map<string, number>()
    const count = (readers.get(receiver) ?? 0) + more
    if (count > 0) readers.set(receiver, count)
    else readers.delete(receiver)
    if (readers.size > 0) this.#byHead.set(head, readers)
    else this.#byHead.delete(head)
  }
}
