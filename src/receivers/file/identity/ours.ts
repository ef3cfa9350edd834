/**
 * Whether a file is this receiver's to read. What another one reads, or will as soon as it comes to it, is left alone:
 * that has its lines in its streams, and knows their copies.
 */
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { HeadHash } from './descriptor.ts'

const already = 'reads this file already, and a file is read once: not read here'

/** By its inode. */
export function isOurFile(file: FollowedFile, context: FileContext): boolean {
  const holder = context.claims.claimFile(file.found, context.receiver, () => {
    // The other one meant a file that had this inode before.
    file.ignored = false
    context.wake(file)
  })
  return staysOurs(holder, file, context)
}

/** By how it begins: what both match, and one of them reads something like it, may be a copy of that. */
export function isOursByHead(file: FollowedFile, context: FileContext): boolean {
  const { claims, receiver, reads } = context
  const reader = claims.readersOf(file.head).find((name) => name === receiver || reads(name, file.path))
  return staysOurs(
    reader ?? receiver,
    file,
    context,
    'reads what begins like this file, and this one with it: not read here',
  )
}

/** By the stream that it is. */
export function isOurStream(
  stream: string,
  head: HeadHash,
  file: FollowedFile,
  context: FileContext,
): boolean {
  return staysOurs(context.claims.claim(stream, head, context.receiver), file, context)
}

function staysOurs(
  holder: string,
  file: FollowedFile,
  { receiver, log }: FileContext,
  why = already,
): boolean {
  if (holder === receiver) return true
  file.ignored = true
  log.warn({ path: file.path }, `receiver ${holder} ${why}`)
  return false
}
