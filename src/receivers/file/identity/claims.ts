/**
 * Which receiver reads which stream. A stream has one position in the journal, so a file that the patterns of two
 * receivers match is read once: by the one that comes to it first, which at a start is the one that is configured first.
 */
export class StreamClaims {
  readonly #holders = new Map<string, string>()

  /** The receiver that has the stream from now on: `receiver`, unless another one has it. */
  claim(stream: string, receiver: string): string {
    const holder = this.#holders.get(stream) ?? receiver
    this.#holders.set(stream, holder)
    return holder
  }

  /** The stream's input is gone. */
  release(stream: string): void {
    this.#holders.delete(stream)
  }
}
