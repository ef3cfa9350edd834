/** Writing to a stream that may be slow, or gone. */
import type { Writable } from 'node:stream'

/**
 * Resolves once the stream has passed the bytes on; rejects when its reader is gone, and with the signal's reason.
 * The callback, not `write`'s result, is what tells: with one batch under way, back-pressure is waiting for it.
 */
export async function writeOut(stream: Writable, bytes: Buffer | string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()))
    await promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
