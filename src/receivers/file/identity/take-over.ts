/** A stream goes on in another file: its copy, or what it was compressed to. */
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { descriptorOf, positionOf } from './describe.ts'
import type { KnownFile } from './known.ts'
import { presetOfKnown } from './preset.ts'
import { contentSize } from './same-content.ts'

/**
 * From here on `file`, of `size` bytes, is the stream's. A copy may end before what was read: reading goes on where
 * it ends, should anything be added to it.
 */
export async function takeOver(
  file: FollowedFile,
  { id, descriptor, position }: KnownFile,
  size: number,
  context: FileContext,
): Promise<void> {
  const offset = Math.min(position.offset, size)
  if (offset === position.offset) file.lines.seek(offset, position.check)
  else {
    file.lines.seek(0)
    await file.lines.checks.reload(file.found.source, offset)
    file.lines.seek(offset)
  }
  context.finished.remove(id)
  const preset = await presetOfKnown(file.found.source, descriptor.path, descriptor.preset, context)
  const stream = {
    id,
    head: descriptor.head,
    generation: descriptor.generation ?? 0,
    preset,
    pod: descriptor.pod,
  }
  file.becomes(stream, { ...position, offset })
  file.since = descriptor.since ?? file.since
  file.resumedAt = offset
  file.descriptorChanged = true
  file.atEnd = false
  // Copies are complete when they are met: an unfinished last line stays one. What has the name is still written to.
  file.sealed = file.gzip !== null || file.location !== descriptor.path
}

/** `from` holds a part of what `to` holds, and is read to its end: `to` goes on with its stream. */
export async function handOver(from: FollowedFile, to: FollowedFile, context: FileContext): Promise<void> {
  if (!from.stream) return
  const ended = {
    id: from.stream.id,
    descriptor: descriptorOf(from, context.receiver),
    position: positionOf(from),
  }
  from.leaveStream()
  await takeOver(to, ended, await contentSize(to.found.source), context)
}
