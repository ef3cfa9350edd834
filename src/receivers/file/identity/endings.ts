/**
 * How streams end: truncated, deleted, gone. Bytes that nobody has read and nobody can read any more are a gap, and a
 * gap is an event. It shares its block with the descriptor that says that the stream is finished (or goes on in a copy),
 * so after a restart it is either still to be reported, or was.
 */
import type { StreamContext } from '../../../event/record.ts'
import type { StreamNote } from '../../receiver.ts'
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { descriptorOf, positionOf, updateOf } from './describe.ts'
import { describedFile, encodeDescriptor, type FileDescriptor } from './descriptor.ts'
import type { KnownFile } from './known.ts'
import { contentSize, stillSame } from './same-content.ts'
import { takeOver } from './take-over.ts'

/** Milliseconds. A file that was not seen at rest for this long may have grown once more before anyone could look. */
const atRest = 250

type LossReason = 'truncated' | 'replaced' | 'vanished' | 'corrupt'

/** Byte offsets in the stream; `to` null where nobody can tell. */
interface Loss {
  readonly from: number
  readonly to: number | null
  /** False when it is only possible that there were bytes. */
  readonly certain: boolean
}

/**
 * The file was truncated, or its inode is another file's now, and all that was read is committed. What is left of the
 * old generation is read from its copy, if a rotation has made one; the file waits for that, then begins again.
 */
export async function endGeneration(file: FollowedFile, context: FileContext): Promise<void> {
  const { stream } = file
  if (!stream) return
  const reason = file.replaced ? 'replaced' : 'truncated'
  const same = await stillSame(file)
  const copy = await context.copies.of(file.path, file)
  const read = file.lines.next
  // With a copy of what was there it is another generation, whatever it begins with.
  file.startAt = copy ? 0 : same
  const saved = copy ? await contentSize(copy.found.source) : 0
  const loss = lossBehind(file, Math.max(read, saved), copy !== null)
  context.log.warn(
    { path: file.path, stream: stream.id, read, copy: copy?.location, loss },
    file.startAt > 0
      ? `this file was truncated: what was read up to byte ${file.startAt} is still there`
      : 'this file was truncated: it is read from its beginning again',
  )
  const ended = finished(file, context)
  if (copy) {
    await takeOver(copy, { ...ended, id: stream.id }, saved, context)
    copy.descriptorChanged = false
    // It may have been met as a file that comes after this one.
    copy.predecessor = null
  } else {
    context.finished.add({ ...ended, id: stream.id })
  }
  const update = copy
    ? updateOf(copy, stream.id, context.receiver)
    : { stream: stream.id, descriptor: encodeDescriptor(ended.descriptor), position: ended.position }
  if (copy) {
    file.predecessor = copy
    copy.successor = file
  }
  const about = { path: file.path, reason, ...copyPath(copy) } as const
  const committed = loss
    ? context.intake.noteStream(stream, { ...gapNote(loss, about), update }, context.signal)
    : context.intake.updateStream(update, context.signal)
  file.outgoing.send(committed, { from: 0, to: 0 })
  // Only now: what is read of the copy moves the stream on from there.
  if (copy) context.wake(copy)
  await awaitUnseen(file, copy, context)
}

/** The file lost its last name and there is nothing more to read. Resolves once that is on record. */
export async function endFile(file: FollowedFile, context: FileContext): Promise<void> {
  const { stream } = file
  if (!stream) return
  const ended = { id: stream.id, ...finished(file, context) }
  const unread = file.growth.seen > file.lines.next
  const heir =
    (await context.copies.heldFor(file)) ?? (unread ? await context.copies.of(file.path, file) : null)
  if (heir) {
    await takeOver(heir, ended, await contentSize(heir.found.source), context)
    context.wake(heir)
    return
  }
  const { seen, confirmed } = file.growth
  const loss = unread ? { from: file.lines.next, to: seen, certain: confirmed > file.lines.next } : null
  const about = { path: file.path, reason: 'vanished' } as const
  const note = loss ? gapNote(loss, about) : file.deleted ? null : closedNote(file)
  await finish(stream, ended, note, context)
  context.log.info({ path: file.path, stream: stream.id, loss }, 'this file is gone')
}

/** Has the file wait for copies of generations that came and went unseen after `before`. False when there are none. */
export async function awaitUnseen(
  file: FollowedFile,
  before: FollowedFile | null,
  context: FileContext,
): Promise<boolean> {
  const between = await context.copies.between(file, before)
  const last = between.at(-1)
  if (!last) return false
  file.predecessor = last
  last.successor = file
  return true
}

/** A copy of a generation that nobody has seen: what was written to that behind the copy is not known. */
export async function noteUnseen(file: FollowedFile, context: FileContext): Promise<void> {
  const { stream } = file
  if (!stream) return
  const from = await contentSize(file.found.source)
  const about = { path: file.path, reason: 'truncated', ...copyPath(file) } as const
  await context.intake.noteStream(stream, gapNote({ from, to: null, certain: false }, about), context.signal)
}

/** What follows in this file cannot be read, now or later. */
export async function endCorrupt(file: FollowedFile, context: FileContext, detail: string): Promise<void> {
  const { stream } = file
  const about = { path: file.path, reason: 'corrupt', detail } as const
  context.log.error(about, 'the rest of this file cannot be read')
  if (!stream) return
  const note = gapNote({ from: file.lines.next, to: null, certain: true }, about)
  await context.intake.noteStream(
    stream,
    { ...note, update: updateOf(file, stream.id, context.receiver) },
    context.signal,
  )
}

/** A stream from before the restart whose file is nowhere. */
export async function endMissing(known: KnownFile, context: FileContext): Promise<void> {
  const { id, descriptor, position } = known
  context.log.warn(
    { path: descriptor.path, stream: id },
    'this file went away while the agent was not running',
  )
  const about = { path: descriptor.path, reason: 'vanished' } as const
  const note = gapNote({ from: position.offset, to: null, certain: false }, about)
  const ended = { ...known, descriptor: { ...descriptor, finished: context.clock.now() } }
  context.claims.releaseFile(describedFile(descriptor), context.receiver)
  await finish({ id, receiver: context.receiver }, ended, note, context)
}

async function finish(
  stream: StreamContext,
  ended: KnownFile,
  note: StreamNote | null,
  { finished, intake, signal }: FileContext,
): Promise<void> {
  const { id, descriptor, position } = ended
  const update = { stream: id, descriptor: encodeDescriptor(descriptor), position }
  // Known at once: a copy may turn up while this is on its way to the journal, and what it hands on comes behind this.
  finished.add(ended)
  await (note ? intake.noteStream(stream, { ...note, update }, signal) : intake.updateStream(update, signal))
}

function finished(file: FollowedFile, { receiver, clock }: FileContext) {
  const descriptor: FileDescriptor = { ...descriptorOf(file, receiver), finished: clock.now() }
  return { descriptor, position: positionOf(file) }
}

/** What may have been behind `upTo`, where all that is still to be had ends. */
function lossBehind(file: FollowedFile, upTo: number, copied: boolean): Loss | null {
  // Nobody looked while the agent was not running, and what was seen since is the next generation.
  if (file.unseen) return copied ? null : { from: upTo, to: null, certain: false }
  const growing = file.growth.grew > Math.max(0, file.growth.quietAt - atRest)
  const { seen, confirmed } = file.growth
  if (confirmed > upTo) return { from: upTo, to: growing ? null : seen, certain: true }
  // What was seen behind may have been the next generation already.
  return growing || seen > upTo ? { from: upTo, to: null, certain: false } : null
}

function gapNote(
  { from, to, certain }: Loss,
  about: {
    readonly path: string
    readonly reason: LossReason
    readonly copy?: string
    readonly detail?: string
  },
): StreamNote {
  const range = to === null ? `from byte ${from} on` : `bytes ${from} to ${to}`
  return {
    action: 'affiant.stream.gap',
    message: certain
      ? `${about.path}: ${range} can no longer be read (${about.reason})`
      : `${about.path}: what was written ${range}, if anything, can no longer be read (${about.reason})`,
    metadata: { ...about, from, to, certain },
  }
}

function copyPath(copy: FollowedFile | null) {
  return copy?.location ? { copy: copy.location } : {}
}

function closedNote(file: FollowedFile): StreamNote {
  return {
    action: 'affiant.stream.closed',
    message: `${file.path}: gone, and read to its end`,
    metadata: { path: file.path, size: file.lines.next },
  }
}
