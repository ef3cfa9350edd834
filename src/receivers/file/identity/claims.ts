/**
 * Which receiver reads which stream. A stream has one position in the journal, so a file that the patterns of two
 * receivers match is read once: by the one that comes to it first, which at a start is the one that is configured first.
 */
import { isSameBirth } from '../finding/locate.ts'

/** A file by its inode, which is given to another one once it is gone. */
export interface ClaimedFile {
  /** Device and inode. */
  readonly key: string
  /** When it was created, unix nanoseconds; 0 where nobody knows. */
  readonly born: bigint
}

export class StreamClaims {
  readonly #streams = new Map<string, string>()
  readonly #files = new Map<string, { readonly born: bigint; readonly receiver: string }>()
  /** What is to be done once the file is released, by key. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** The receiver that has the stream from now on: `receiver`, unless another one has it. */
  claim(stream: string, receiver: string): string {
    const holder = this.#streams.get(stream) ?? receiver
    this.#streams.set(stream, holder)
    return holder
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

  /** The stream's input is gone. */
  release(stream: string): void {
    this.#streams.delete(stream)
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
}
