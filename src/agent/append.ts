/** Appending for inputs that can wait: under pressure the batch waits in memory and the file on disk. */
import { AffiantError } from '../errors.ts'
import type { Commit, EncodedBatch, StreamUpdate } from '../event/batch.ts'
import type { Journal } from '../journal/contract.ts'

/** Resolves after the commit. Rejects when `signal` aborts, or with an error that waiting cannot mend. */
export async function appendWhenRoom(
  journal: Journal,
  batch: EncodedBatch,
  update: StreamUpdate,
  signal: AbortSignal,
  options?: { reserve?: boolean },
): Promise<Commit> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await journal.append(batch, update, options)
    } catch (error) {
      const passing =
        error instanceof AffiantError &&
        (error.code === 'journal_full' || error.code === 'journal_unavailable')
      if (!passing) throw error
      await journal.waitForRoom(signal)
    }
  }
}
