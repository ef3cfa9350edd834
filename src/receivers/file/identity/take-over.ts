/** A stream goes on in another file: its copy, or what it was compressed to. */
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { KnownFile } from './known.ts'

/**
 * From here on `file`, of `size` bytes, is the stream's. A copy may end before what was read: reading goes on where
 * it ends, should anything be added to it.
 */
export async function takeOver(
  file: FollowedFile,
  { id, descriptor, position }: KnownFile,
  size: number,
  { finished }: FileContext,
): Promise<void> {
  const offset = Math.min(position.offset, size)
  if (offset === position.offset) file.lines.seek(offset, position.check)
  else {
    file.lines.seek(0)
    await file.lines.checks.reload(file.found.source, offset)
    file.lines.seek(offset)
  }
  finished.remove(id)
  file.becomes({ id, head: descriptor.head, generation: descriptor.generation ?? 0 }, { ...position, offset })
  file.since = descriptor.since ?? file.since
  file.resumedAt = offset
  file.descriptorChanged = true
  file.atEnd = false
  // Copies are complete when they are met: an unfinished last line stays one.
  file.sealed = true
}
