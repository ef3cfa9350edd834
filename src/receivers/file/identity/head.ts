/** A file's beginning: what tells two files apart that have, or had, the same device and inode. */
import { hash } from 'node:crypto'
import type { LineEnds } from '../framing/line-ends.ts'
import type { ByteSource } from '../source/byte-source.ts'
import type { HeadHash } from './descriptor.ts'

/** A first line longer than this identifies its file by this much of it. */
const maxHead = 64 * 1024

const gzipMagic = Buffer.from([0x1f, 0x8b])
/** Bytes at the start of other formats that rotation compresses to. */
const otherMagic = [
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
] as const
/** Of bzip2, behind its name and a level: the first block's mark, or that of an empty file. "BZh" may begin a line. */
const bzip2Marks = ['314159265359', '177245385090']

export interface Head extends HeadHash {
  /** Without its newline. */
  readonly firstLine: Uint8Array
  readonly compressed: 'gzip' | 'other' | null
}

export function isGzip(start: Uint8Array): boolean {
  return gzipMagic.equals(start.subarray(0, gzipMagic.length))
}

/** What the bytes at the start of a file say that it is compressed with. */
export function compressionOf(start: Buffer): 'gzip' | 'zstd' | 'xz' | 'bzip2' | null {
  if (isGzip(start)) return 'gzip'
  if (start.toString('latin1', 0, 3) === 'BZh' && bzip2Marks.includes(start.toString('hex', 4, 10)))
    return 'bzip2'
  const found = otherMagic.find(([, magic]) => start.subarray(0, magic.length).equals(magic))
  return found === undefined ? null : found[0]
}

/** Null while the first line is not complete; `unfinished` takes it as it is (no more will come). */
export async function readHead(source: ByteSource, unfinished = false): Promise<Head | null> {
  let buffer = await readAt(source, 0, 4096)
  let newline = buffer.indexOf(10)
  if (newline < 0 && buffer.length === 4096) {
    buffer = await readAt(source, 0, maxHead)
    newline = buffer.indexOf(10)
  }
  const compression = compressionOf(buffer)
  const compressed = compression === null || compression === 'gzip' ? compression : 'other'
  // What is compressed has no lines to wait for.
  if (compressed) unfinished = true
  if (newline < 0 && buffer.length < maxHead && !(unfinished && buffer.length > 0)) return null
  const bytes = newline < 0 ? buffer : buffer.subarray(0, newline + 1)
  return {
    firstLine: newline < 0 ? bytes : bytes.subarray(0, newline),
    compressed,
    length: bytes.length,
    sha256: hash('sha256', bytes),
  }
}

/** Whether the file still begins with what was seen when it was identified. */
export async function hasHead(source: ByteSource, head: HeadHash): Promise<boolean> {
  const bytes = await readAt(source, 0, head.length)
  return bytes.length === head.length && hash('sha256', bytes) === head.sha256
}

/** Up to `length` bytes from `position`: fewer only at the end of the file. */
export async function readAt(
  source: Pick<ByteSource, 'read'>,
  position: number,
  length: number,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  return buffer.subarray(0, await source.read(buffer, position))
}

/** The offset after the last newline below `size`, 0 when there is none. */
export async function endOfLastLine(source: ByteSource, size: number, lineEnds: LineEnds): Promise<number> {
  for (let end = size - (size % lineEnds.newline.length); end > 0; end -= maxHead) {
    const start = Math.max(0, end - maxHead)
    const behind = lineEnds.behindLast(await readAt(source, start, end - start))
    if (behind > 0) return start + behind
  }
  return 0
}
