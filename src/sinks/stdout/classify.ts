/** What a failed write to standard output means. */
import type { Outcome } from '../sink.ts'

/** The reader went away (`affiant run | head`): no retry brings it back, but nothing is lost by waiting. */
const gone = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'EBADF', 'ECONNRESET'])

export function classifyWriteError(code: string | undefined, message: string): Outcome {
  if (gone.has(code ?? '')) return { kind: 'held', reason: 'nobody reads standard output any more' }
  return { kind: 'later', reason: message }
}
