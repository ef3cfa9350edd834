/**
 * Fuzz target: any bytes as the input of a command. Nothing but `input_format` may come of it, and in which pieces they come
 * makes no difference to what is read before.
 */
import { gzipSync } from 'node:zlib'
import { plainBytes } from '../../src/cli/plain-bytes.ts'
import { AffiantError } from '../../src/errors.ts'
import type { FuzzTarget } from './target.ts'

/** Bytes that one input may expand to before the target looks no further. */
const enough = 8 * 1024 * 1024

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Buffer, size: number) {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of plainBytes(inPieces(bytes, size), 'input')) {
      parts.push(part)
      length += part.length
      if (length > enough) break
    }
  } catch (thrown) {
    if (!(thrown instanceof AffiantError) || thrown.code !== 'input_format') throw thrown
    return { content: Buffer.concat(parts), isFaulty: true }
  }
  return { content: Buffer.concat(parts), isFaulty: false }
}

async function check(bytes: Buffer): Promise<void> {
  const whole = await read(bytes, Math.max(1, bytes.length))
  if (whole.content.length > enough) return
  const cut = await read(bytes, 7)
  if (cut.isFaulty !== whole.isFaulty) throw new Error('a fault that depends on how the input is cut')
  // What the step that fails gives out last depends on its input.
  const [less, more] = [cut.content, whole.content].toSorted((a, b) => a.length - b.length)
  const isSame = whole.isFaulty ? less!.equals(more!.subarray(0, less!.length)) : less!.equals(more!)
  if (!isSame) throw new Error('what is read depends on how the input is cut')
}

const line = '{"user":"zoë","n":"𝄞"}\n'

export const input: FuzzTarget = {
  corpus: [
    Buffer.from(line),
    gzipSync(line.repeat(500)),
    Buffer.from(`\ufeff${line}`, 'utf16le'),
    Buffer.from(`\ufeff${line}`, 'utf16le').swap16(),
    gzipSync(Buffer.from(`\ufeff${line}`, 'utf16le')),
  ],
  check,
}
