/**
 * What a file that nobody has read yet is to those that are, or were, read: it goes on where one of them ended, waits until
 * that is known, or is a file of its own.
 */
import type { FileContext } from '../file-context.ts'
import { areOfOneName } from '../finding/rotated-names.ts'
import type { Turn } from '../reading/file-turns.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { sumOf } from '../source/content-sum.ts'
import type { Head } from './head.ts'
import type { KnownFile } from './known.ts'
import { contentOf } from './relatives.ts'
import { contentSize, isUnchanged, isUntouched } from './same-content.ts'
import { handOver, takeOver } from './take-over.ts'

/** Milliseconds until a file that is held back is looked at again. */
const holdTick = 250

/** Null when the file is its own: nobody has read what it holds. */
export async function relate(file: FollowedFile, context: FileContext, head: Head): Promise<Turn | null> {
  const { relatives } = context
  if (!relatives.hasHead(file, head)) return null
  const relative = await relatives.of(file, head)
  if (file.reserved || file.stream) return 'rest'
  if (relative?.kind === 'live') return await besideOriginal(file, relative.original, context)
  const growing = file.gzip !== null && !(await isComplete(file))
  // What is still being compressed may come to be more than what was read.
  if (growing && !(await hasWaited(file, file, context))) return await hold(file, file, 'incomplete', context)
  if (relative) return await goOn(file, relative.stream, context)
  file.held = null
  return null
}

async function goOn(file: FollowedFile, stream: KnownFile, context: FileContext): Promise<Turn> {
  file.reserved = true
  context.log.info(
    { path: file.path, stream: stream.id },
    'this file is a copy of one that was read before: only what is new is read',
  )
  try {
    await takeOver(file, stream, await contentSize(file.found.source), context)
    context.known.remove(stream)
  } finally {
    // If it could not be read just now, it is tried again.
    file.reserved = false
  }
  return 'again'
}

/** Both hold the same, as far as both go and the original was read. */
async function besideOriginal(
  file: FollowedFile,
  original: FollowedFile,
  context: FileContext,
): Promise<Turn | null> {
  if (file.location === null && (await isContained(file, original))) {
    // Nothing is added to what has no name, and all of it is read elsewhere.
    file.held = null
    file.ignored = true
    return 'rest'
  }
  if (original.gzip && !file.gzip && (await isOutgrown(original, file))) {
    // What was compressed was written to once more: only here that is to be had.
    await handOver(original, file, context)
    return 'again'
  }
  // Of a file and what a rotation compressed it to one is read, however long both are there.
  const patient = (file.gzip ?? original.gzip) !== null && areRotated(file, original)
  if (!patient && (await hasWaited(file, original, context)) && !(await ends(original))) {
    file.held = null
    return null
  }
  return await hold(file, original, patient ? 'rotated' : 'copy', context)
}

/**
 * Whether the original's stream ends as soon as what was read of it is committed: the copy, if this is one, is asked for
 * then, however long the journal takes. One that lost its last name ends soon, and tells those that wait for it.
 */
async function ends(original: FollowedFile): Promise<boolean> {
  if (original.location === null || original.truncated) return true
  // What cannot be read now need not end.
  return !(await isUnchanged(original.found.source, contentOf(original)).catch(() => true))
}

async function hasWaited(
  { held, found }: FollowedFile,
  original: FollowedFile,
  { clock, holdFor }: FileContext,
): Promise<boolean> {
  if (held?.original !== original || held.size !== (await found.source.stat()).size) return false
  return clock.monotonic() - held.since >= holdFor
}

async function hold(
  file: FollowedFile,
  original: FollowedFile,
  why: 'rotated' | 'copy' | 'incomplete',
  { clock, log, holdFor }: FileContext,
): Promise<Turn> {
  const now = clock.monotonic()
  const { size } = await file.found.source.stat()
  const passed = await file.found.source.size()
  // It may have been taken for a copy meanwhile, and is read: what lies before it must not count as looked through.
  if (file.reserved || file.stream) return 'rest'
  if (file.held?.original !== original) {
    const about = {
      path: file.path,
      ...(original !== file && { original: original.location ?? original.path }),
    }
    if (why === 'rotated')
      log.info(about, 'the same as another file, and named after it: read when that ends')
    else {
      const what = why === 'copy' ? 'the same as another file' : 'compressed, and not complete'
      log.info(
        about,
        `${what}: read when it does not grow for ${holdFor} ms, or when it is known to be a copy`,
      )
    }
  }
  const lasting = why === 'rotated'
  if (file.held?.size !== size || file.held.original !== original || file.held.lasting !== lasting)
    file.held = { original, since: now, size, lasting }
  file.lines.pass(passed)
  file.atEnd = true
  // It is told when its original ends, and asks again at each look.
  if (why === 'rotated') return 'rest'
  file.notBefore = now + holdTick
  return 'again'
}

/** Whether all that the file holds was read of the original. */
async function isContained(file: FollowedFile, original: FollowedFile): Promise<boolean> {
  const size = await contentSize(file.found.source)
  if (size > original.lines.scanned || !(await isUntouched(original.found.source, contentOf(original))))
    return false
  return (await sumOf(file.found.source, 0, size)) === (await sumOf(original.found.source, 0, size))
}

/** Whether a compressed file ends as it should. */
async function isComplete({ gzip }: FollowedFile): Promise<boolean> {
  // After it was looked back in, it knows its end only when it has met that again.
  await gzip?.measure()
  return gzip?.complete ?? false
}

/** Whether `original` is complete and read to its end, and `file` holds more. */
async function isOutgrown(original: FollowedFile, file: FollowedFile): Promise<boolean> {
  const size = await file.found.source.size()
  // Its end as it is now: it may have come to be complete since it was read.
  const end = (await isComplete(original)) ? await contentSize(original.found.source) : Number.NaN
  return original.stream !== null && original.drained && original.lines.next === end && size > end
}

function areRotated(file: FollowedFile, original: FollowedFile): boolean {
  const path = file.location ?? file.path
  return areOfOneName(path, original.location ?? original.path) || areOfOneName(path, original.path)
}
