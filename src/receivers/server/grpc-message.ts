/**
 * The one message of a unary call: a flag, four bytes of length, the message.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import type { ServerHttp2Stream } from 'node:http2'
import { AffiantError } from '../../errors.ts'
import { tooLarge } from './body.ts'
import type { Lease } from './budget.ts'

const prefixLength = 5

/** As it was sent: `compressed` with what `grpc-encoding` says. */
export interface SentMessage {
  readonly compressed: boolean
  readonly bytes: Buffer
}

/**
 * Rejects with `body_too_large` as soon as a length over the limit is announced, with `overloaded`, with
 * `request_timeout` when `late` aborts, or with `bad_request` when there is not exactly one message.
 */
export function readMessage(
  stream: ServerHttp2Stream,
  limit: number,
  lease: Lease,
  late: AbortSignal,
): Promise<SentMessage> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let received = 0
    let expected: number | undefined
    const settle = (act: () => void) => {
      stream.off('data', onData).off('end', onEnd).off('close', onCut)
      late.removeEventListener('abort', onLate)
      act()
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const onData = (chunk: Buffer) => {
      received += chunk.length
      try {
        chunks.push(chunk)
        expected ??= announced(chunks, received)
        if (expected !== undefined && expected > limit) throw tooLarge(limit, 'as sent')
        if (expected !== undefined && received > prefixLength + expected) {
          throw new AffiantError('bad_request', 'there is more than one message in the call')
        }
        lease.take(chunk.length)
      } catch (thrown) {
        fail(thrown)
      }
    }
    const onEnd = () => {
      if (expected === undefined || received < prefixLength + expected) return onCut()
      const whole = chunks.length === 1 ? chunks[0]! : lease.join(chunks, received)
      settle(() => resolve({ compressed: (whole[0]! & 1) === 1, bytes: whole.subarray(prefixLength) }))
    }
    const onCut = () =>
      fail(new AffiantError('bad_request', `the message ended after ${received} bytes, cut short`))
    const onLate = () => fail(late.reason)
    stream.on('data', onData).on('end', onEnd).on('close', onCut)
    late.addEventListener('abort', onLate, { once: true })
  })
}

/** The length of the message, once its prefix is there. */
function announced(chunks: Buffer[], received: number): number | undefined {
  if (received < prefixLength) return undefined
  const head = chunks[0]!.length >= prefixLength ? chunks[0]! : Buffer.concat(chunks)
  if (head[0]! > 1)
    throw new AffiantError('bad_request', `a message begins with the flag ${head[0]}; 0 and 1 are known`)
  return head.readUInt32BE(1)
}

/** A message as it is answered: not compressed. */
export function frameMessage(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixLength)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
