/** Which stream a file is: one known from before the restart, the rest of another file's, or a new one. */
import { hash } from 'node:crypto'
import { fileGeneration } from '../../../event/id.ts'
import type { FileContext } from '../file-context.ts'
import { framingOf } from '../framing/begin.ts'
import { byteLineEnds, type LineEnds } from '../framing/line-ends.ts'
import type { Turn } from '../reading/file-turns.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { GzipFault } from '../source/gunzip.ts'
import { descriptorOf, positionOf, updateOf } from './describe.ts'
import type { HeadHash } from './descriptor.ts'
import { awaitUnseen, endMissing, noteUnseen } from './endings.ts'
import { endOfLastLine, type Head, readHead } from './head.ts'
import { isOurFile, isOurs } from './ours.ts'
import { detectPreset, presetOfKnown } from './preset.ts'
import { relate } from './relate.ts'
import { contentOf } from './relatives.ts'
import { contentSize, isUnchanged } from './same-content.ts'
import { mayMissBytes } from './unseen.ts'

/** Opens or resumes the file's stream. Does nothing while its first line is not complete, or it may be a copy. */
export async function identify(file: FollowedFile, context: FileContext): Promise<Turn> {
  if (file.reserved) return 'rest'
  // The size first: what comes between the two looks counts as news.
  const size = await file.found.source.size()
  const head = await headOf(file)
  if (file.reserved || file.stream) return 'rest'
  if (!head) {
    file.metEmpty = true
    return rest(file, size)
  }
  if (head.compressed === 'gzip' && !file.gzip) {
    file.decompress()
    return 'again'
  }
  if (head.compressed) {
    context.log.warn({ path: file.path }, 'this file is compressed, so it is not read as lines')
    file.ignored = true
    return rest(file, size)
  }
  file.head = { length: head.length, sha256: head.sha256 }
  // Two files with one head may hold the same: until one of them is a stream, the other can't be held against it.
  return await context.claims.identifying.run(head.sha256, () => identifyByHead(file, context, head))
}

async function identifyByHead(file: FollowedFile, context: FileContext, head: Head): Promise<Turn> {
  if (file.closed || file.reserved || file.stream) return 'rest'
  if (await resume(file, context)) return 'again'
  if (file.reserved || file.stream) return 'rest'
  if (!isOurs(file, context)) return 'rest'
  const turn = await relate(file, context, head)
  if (turn) return turn
  if (file.metEmpty || (await wasWritten(file))) {
    file.metEmpty = false
    if (await awaitUnseen(file, null, context)) return 'again'
  }
  await open(file, context, head)
  return 'again'
}

/** Since it was met: what it held then may be another generation's. Asked once. */
async function wasWritten(file: FollowedFile): Promise<boolean> {
  if (file.gzip || file.previous !== null || file.looked) return false
  file.looked = true
  return (await file.found.source.stat()).mtimeNs !== file.found.written
}

function rest(file: FollowedFile, size: number): Turn {
  file.lines.pass(size)
  file.atEnd = true
  return 'rest'
}

const emptyHead: Head = {
  length: 0,
  sha256: hash('sha256', ''),
  firstLine: new Uint8Array(0),
  compressed: null,
}

/** A compressed file that is damaged right at its beginning has what there is before that. */
async function headOf(file: FollowedFile): Promise<Head | null> {
  try {
    return await readHead(file.found.source, file.finishing)
  } catch (error) {
    if (!(error instanceof GzipFault)) throw error
    return (await readHead(file.found.source, true)) ?? emptyHead
  }
}

/** Goes on where the file was left before the restart. False when it was not known then. */
export async function resume(file: FollowedFile, context: FileContext): Promise<boolean> {
  const { device, inode, source } = file.found
  let known = await context.known.take(device, inode, source)
  if (!known) {
    const [first, ...others] = context.known.takeReplaced(device, inode)
    for (const other of others) await endMissing(other, context)
    if (!first) return false
    known = first
    file.replaced = true
  }
  const { id, descriptor, position } = known
  const preset = await presetOfKnown(source, file.path, descriptor.preset, context)
  if (!isOurFile(file, context)) return true
  const stream = {
    id,
    head: descriptor.head,
    generation: descriptor.generation ?? 0,
    preset,
    pod: descriptor.pod,
  }
  file.becomes(stream, position)
  // What was damaged then is so now, unless it is another file.
  const sameFile = file.gzip !== null && (descriptor.born ?? '0') === String(file.found.born)
  file.corrupt = descriptor.corrupt === true && sameFile
  file.replaced ||= descriptor.corrupt === true && !sameFile
  file.ignored = file.corrupt
  file.lines.seek(position.offset, position.check)
  file.since = descriptor.since ?? file.since
  file.resumedAt = position.offset
  file.sealed = file.gzip !== null
  file.descriptorChanged =
    descriptor.device !== String(device) ||
    descriptor.path !== file.path ||
    (descriptor.target ?? null) !== file.found.target ||
    (file.stream?.pod !== descriptor.pod && file.stream?.warnings === undefined) ||
    descriptor.receiver !== context.receiver
  file.truncated =
    file.replaced ||
    !(await isUnchanged(source, contentOf(file))) ||
    (await contentSize(source)) < position.offset
  file.unseen = file.truncated
  return true
}

async function open(file: FollowedFile, context: FileContext, head: Head): Promise<void> {
  const { source } = file.found
  const { id, number } = newGeneration(file, head, context)
  context.claims.claim(id, file.head, context.receiver)
  const missing = file.previous === null && (await mayMissBytes(file, context))
  const start = file.startAtEnd
    ? await endOfLastLine(source, await sizeAtStart(file), await lineEndsOf(file, context))
    : file.startAt
  const detected = await detectPreset(source, file.path, context)
  // Not one from before the head was read: that may be of the generation before.
  const size = await source.size()
  if (file.reserved || file.stream) return
  file.startAtEnd = false
  file.startAt = 0
  const preset = detected?.preset
  file.becomes({ id, head: file.head, generation: number, preset }, { offset: start, ranges: [] })
  // From here on, what a truncation takes away is a loss, read or not.
  if (!file.gzip) file.growth.to(Math.max(size, head.length))
  if (!file.gzip) file.growth.confirm(head.length)
  file.sealed = file.gzip !== null
  file.lines.seek(start)
  const { device, inode } = descriptorOf(file, context.receiver)
  const metadata = {
    path: file.path,
    device,
    inode,
    head: file.head,
    generation: number,
    start,
    ...(file.gzip ? { compression: 'gzip' } : {}),
    ...context.metadata,
    ...detected,
  }
  const update = updateOf(file, id, context.receiver)
  const stream = file.stream ?? { id, receiver: context.receiver }
  const committed = context.intake.openStream(stream, { metadata, update }, context.signal)
  file.outgoing.send(committed, { from: start, to: start, opens: true })
  if (missing) file.outgoing.send(noteUnseen(file, context), { from: start, to: start })
}

/** What was there when it was met: what came since is news. */
async function sizeAtStart({ gzip, found }: FollowedFile): Promise<number> {
  return gzip ? await contentSize(gzip) : found.size
}

async function lineEndsOf({ found }: FollowedFile, { framing }: FileContext): Promise<LineEnds> {
  return (await framingOf(found.source, framing))?.lineEnds ?? byteLineEnds
}

/** The first number that no stream has, counted on from the generation before. */
function newGeneration(file: FollowedFile, head: Head, context: FileContext) {
  const { device, inode } = file.found
  let number = file.previous && sameHead(file.previous.head, head) ? file.previous.generation + 1 : 0
  for (;;) {
    const { id } = fileGeneration(context.agentId, device, inode, head.firstLine, number)
    // Another receiver may have had a file with this inode that began like this one, and is gone.
    if (!context.claims.isTaken(id)) return { id, number }
    number += 1
  }
}

function sameHead(a: HeadHash, b: HeadHash): boolean {
  return a.length === b.length && a.sha256 === b.sha256
}

/** Says where the file is now, so that a restart finds it there. */
export function describeAgain(file: FollowedFile, context: FileContext): void {
  if (!file.stream) return
  file.descriptorChanged = false
  const { offset } = positionOf(file)
  const update = updateOf(file, file.stream.id, context.receiver)
  file.outgoing.send(context.intake.updateStream(update, context.signal), { from: offset, to: offset })
}
