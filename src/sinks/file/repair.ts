/** A crash can leave the beginning of a line at the end of the file. */
import type { FileHandle } from 'node:fs/promises'

const NEWLINE = 0x0a
const CHUNK = 64 * 1024

/**
 * Makes the file end in a whole line; returns its new size. A torn line of ours is cut off (its batch was never
 * settled, so it comes again); anything else is none of our business and is only ended.
 *
 * @param beginnings how lines of ours begin
 */
export async function repairTail(
  handle: FileHandle,
  size: number,
  beginnings: readonly string[],
): Promise<number> {
  const start = await lastLineStart(handle, size)
  if (start === size) return size
  const longest = Math.max(...beginnings.map((beginning) => beginning.length))
  const head = Buffer.alloc(Math.min(longest, size - start))
  await handle.read(head, 0, head.length, start)
  const text = head.toString('latin1')
  if (beginnings.some((beginning) => text.startsWith(beginning) || beginning.startsWith(text))) {
    await handle.truncate(start)
    return start
  }
  await handle.appendFile('\n')
  return size + 1
}

async function lastLineStart(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(CHUNK, size))
  for (let end = size; end > 0; ) {
    const length = Math.min(chunk.length, end)
    await handle.read(chunk, 0, length, end - length)
    const newline = chunk.subarray(0, length).lastIndexOf(NEWLINE)
    if (newline >= 0) return end - length + newline + 1
    end -= length
  }
  return 0
}
