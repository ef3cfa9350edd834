/** What becomes of a sink's events, told as it happens to whoever keeps the books. */

export interface Account {
  /**
   * The loop took up a block, of which `selected` events not settled before go to this sink. Blocks come in seq order,
   * each once.
   */
  taken(
    block: { readonly stream: string; readonly firstSeq: number; readonly count: number },
    selected: number,
  ): void
  /** Events of the block taken up last go to the sink more than once: `more` deliveries beside the first. */
  repeated(stream: string, more: number): void
  /** The destination has this many more. */
  accepted(events: number): void
  /** These are kept as dead letters, durably. */
  lettered(seqs: readonly number[]): void
  /** Everything below `seq` is settled. */
  settled(seq: number): void
}
