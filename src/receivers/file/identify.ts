/** Which stream a file is: one known from before the restart, the same after a truncation, or a new one. */
import { fileGeneration } from '../../event/id.ts'
import { encodeDescriptor, type FileDescriptor } from './descriptor.ts'
import type { FileContext } from './file-context.ts'
import type { FollowedFile } from './followed-file.ts'
import { endOfLastLine, type Head, readHead } from './head.ts'

/** Opens or resumes the file's stream. Does nothing while its first line is not complete. */
export async function identify(file: FollowedFile, context: FileContext): Promise<void> {
  // The size first: what comes between the two looks counts as news.
  const size = await file.found.source.size()
  const head = await readHead(file.found.source, file.finishing)
  if (!head) {
    file.lines.seek(0, size)
    file.atEnd = true
    return
  }
  if (head.compressed) {
    file.ignored = true
    file.lines.seek(0, size)
    context.log.warn({ path: file.path }, 'this file is compressed, so it is not read as lines')
    return
  }
  file.head = { length: head.length, sha256: head.sha256 }
  if (await resume(file, context, size)) return
  await open(file, context, head, size)
}

async function resume(file: FollowedFile, context: FileContext, size: number): Promise<boolean> {
  const { device, inode, source } = file.found
  const known = await context.known.take(device, inode, source)
  if (!known) {
    for (const { id, descriptor } of context.known.takeReplaced(device, inode)) {
      context.log.warn(
        { path: descriptor.path, stream: id },
        'this file was replaced or truncated while the agent was not running; what it held unread is gone',
      )
      context.forget(id)
    }
    return false
  }
  const { descriptor, position } = known
  if (!isOurs(file, context, known.id)) return true
  file.stream = { id: known.id, receiver: context.receiver }
  file.head = descriptor.head
  file.lines.seek(position.offset)
  file.outgoing.committed = position.offset
  file.resumedAt = position.offset
  file.descriptorChanged = descriptor.device !== String(device) || descriptor.path !== file.path
  if (size < position.offset) file.truncated = true
  return true
}

/** False, and the file is left alone, when another receiver reads it already. */
function isOurs(file: FollowedFile, { claims, receiver, log }: FileContext, stream: string): boolean {
  const holder = claims.claim(stream, receiver)
  if (holder === receiver) return true
  file.ignored = true
  log.warn(
    { path: file.path },
    `receiver ${holder} reads this file already, and a file is read once: not read here`,
  )
  return false
}

async function open(file: FollowedFile, context: FileContext, head: Head, size: number): Promise<void> {
  const { device, inode, source } = file.found
  const { id } = fileGeneration(context.agentId, device, inode, head.firstLine)
  if (!isOurs(file, context, id)) return
  const start = file.startAtEnd ? await endOfLastLine(source, size) : 0
  file.startAtEnd = false
  file.stream = { id, receiver: context.receiver }
  file.lines.seek(start)
  const update = { stream: id, descriptor: describe(file, context), position: { offset: start, ranges: [] } }
  const metadata = {
    path: file.path,
    device: String(device),
    inode: String(inode),
    head: file.head,
    start,
    ...context.metadata,
  }
  const previous = file.previous
  // The same first line after a truncation is the same generation: it only starts again.
  const committed =
    previous === id
      ? context.intake.updateStream(update, context.signal)
      : context.intake.openStream(file.stream, { metadata, update }, context.signal)
  file.outgoing.send(committed, {
    from: start,
    to: start,
    opens: true,
    committed: () => {
      file.previous = null
      if (previous !== null && previous !== id) context.forget(previous)
    },
  })
}

/** Says where the file is now, so that a restart finds it there. */
export function describeAgain(file: FollowedFile, context: FileContext): void {
  if (!file.stream) return
  file.descriptorChanged = false
  const offset = file.lines.next
  const update = {
    stream: file.stream.id,
    descriptor: describe(file, context),
    position: { offset, ranges: [] },
  }
  const committed = context.intake.updateStream(update, context.signal)
  file.outgoing.send(committed, { from: offset, to: offset })
}

function describe(file: FollowedFile, context: FileContext): Uint8Array {
  const descriptor: FileDescriptor = {
    version: 1,
    receiver: context.receiver,
    path: file.path,
    device: String(file.found.device),
    inode: String(file.found.inode),
    head: file.head,
    ...(file.location !== null && file.location !== file.path ? { moved: file.location } : {}),
  }
  return encodeDescriptor(descriptor)
}
