/**
 * A request's body, whole, within limits. The request is never destroyed from here: a client that is told 413
 * must be able to read so, and the HTTP server throws away what comes after the answer.
 */
import type { IncomingMessage } from 'node:http'
import { AffiantError, asError } from '../../errors.ts'
import { free } from './body-memory.ts'
import type { Lease } from './budget.ts'

export function tooLarge(limit: number, when: 'as sent' | 'after inflating'): AffiantError {
  return new AffiantError('body_too_large', `the body is larger than ${limit} bytes ${when}`, {
    hint: 'send fewer records a request, or raise max_body',
  })
}

/** Resolves with the bytes as sent; `proceed` is called when they are asked for. Rejects with `body_too_large`, `overloaded`, or `bad_request` when cut short. */
export function readBody(
  request: IncomingMessage,
  limit: number,
  lease: Lease,
  proceed: () => void,
): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) return Promise.reject(tooLarge(limit, 'as sent'))
  // Its end has been told before anybody listened: while a password was looked at.
  if (request.destroyed) return Promise.reject(new AffiantError('bad_request', 'the request was cut short'))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const settle = () => {
      request.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut)
      // An error after the answer has nobody to hear it; without a listener it would end the process.
      request.on('error', () => {})
    }
    const refuse = (thrown: unknown) => {
      settle()
      // Who sends too much goes on for a while: nothing of it waits for the garbage collector.
      for (const chunk of chunks.splice(0)) free(chunk)
      request.on('data', free)
      reject(asError(thrown))
    }
    const onData = (chunk: Buffer) => {
      length += chunk.length
      chunks.push(chunk)
      if (length > limit) return refuse(tooLarge(limit, 'as sent'))
      try {
        lease.take(chunk.length)
      } catch (thrown) {
        refuse(thrown)
      }
    }
    const onEnd = () => {
      settle()
      if (chunks.length === 1) return resolve(chunks[0]!)
      const whole = lease.join(chunks, length)
      for (const chunk of chunks) free(chunk)
      resolve(whole)
    }
    const onCut = () =>
      refuse(new AffiantError('bad_request', `the body ended after ${length} bytes, cut short`))
    proceed()
    request.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut)
  })
}
