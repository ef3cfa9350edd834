/**
 * Content-Encoding: identity, gzip (RFC 1952, any number of members), zstd (RFC 8878, up to 1,000 frames).
 *
 * Memory is bounded before anything is inflated: output is counted as it comes and stops at the limit, and zstd
 * windows are at most 8 MiB, as RFC 9659 requires of senders.
 */
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { AffiantError, asError } from '../../errors.ts'
import { tooLarge } from './body.ts'
import type { Lease } from './budget.ts'

export type ContentEncoding = 'identity' | 'gzip' | 'zstd'

/** The encoding of a request, or `unsupported_media_type`. */
export function contentEncoding(header: string | undefined): ContentEncoding {
  const name = (header ?? 'identity').trim().toLowerCase()
  if (name === '' || name === 'identity') return 'identity'
  if (name === 'gzip' || name === 'x-gzip') return 'gzip'
  if (name === 'zstd') return 'zstd'
  throw new AffiantError('unsupported_media_type', `Content-Encoding ${name.slice(0, 40)} is not supported`, {
    hint: 'use identity, gzip or zstd',
  })
}

/** Resolves with the inflated bytes. Rejects with `body_too_large`, `overloaded` or `bad_request`. */
export async function inflate(
  body: Buffer,
  encoding: ContentEncoding,
  limit: number,
  lease: Lease,
): Promise<Buffer> {
  // Clients that compress nothing still name the encoding: an empty body is an empty request.
  if (encoding === 'identity' || body.length === 0) return body
  const output: Buffer[] = []
  let length = 0
  const collect = (chunk: Buffer) => {
    length += chunk.length
    if (length > limit) throw tooLarge(limit, 'after inflating')
    lease.take(chunk.length)
    output.push(chunk)
  }
  let consumed = 0
  // The zstd stream ends, without an error, after the first frame: begin again behind it.
  for (let frames = 0; consumed < body.length; frames++) {
    if (frames === mostFrames) throw invalid(encoding, `it has more than ${mostFrames} frames`)
    consumed += await inflateOnce(body.subarray(consumed), encoding, collect)
  }
  return output.length === 1 ? output[0]! : lease.join(output, length)
}

/** Inflates from the start of `body`; resolves with the number of bytes that were used. */
function inflateOnce(
  body: Buffer,
  encoding: 'gzip' | 'zstd',
  collect: (chunk: Buffer) => void,
): Promise<number> {
  const chunkSize = Math.min(largestChunk, Math.max(smallestChunk, 4 * body.length))
  const stream =
    encoding === 'gzip'
      ? createGunzip({ chunkSize })
      : createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: 23 } })
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        collect(chunk)
      } catch (thrown) {
        stream.destroy()
        reject(thrown)
      }
    })
    stream.on('error', (thrown) => reject(invalid(encoding, asError(thrown).message)))
    stream.on('end', () => {
      if (stream.bytesWritten > 0) resolve(stream.bytesWritten)
      else reject(invalid(encoding, 'nothing to inflate'))
    })
    stream.end(body)
  })
}

function invalid(encoding: string, why: string): AffiantError {
  return new AffiantError('bad_request', `the body is not valid ${encoding}: ${why}`)
}

/** Each costs a fraction of a millisecond, and may have no content: a body of nothing else would be worked at for an hour. */
const mostFrames = 1_000
const smallestChunk = 16 * 1024
const largestChunk = 256 * 1024
