/** Who else than the patterns knows about files: which of those that match are to be read, and whose each of them is. */
import type { StreamContext } from '../../event/record.ts'

export interface FileGuide {
  /**
   * Whether a path that matches is to be read. Where that becomes true later, `look` of the receiver must be called; what is
   * followed by then stays so, whatever the answer.
   */
  admits(path: string): boolean
  /** The stream with what is known of it now; the same object where that is what it says already. */
  about(stream: StreamContext): StreamContext
}
