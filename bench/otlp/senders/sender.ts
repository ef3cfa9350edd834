/** One connection to a receiver: sends requests one after the other. */
export interface Sender {
  /** Resolves when all of it was taken in; rejects with what was answered otherwise. */
  send(body: Buffer): Promise<void>
  close(): void
}
