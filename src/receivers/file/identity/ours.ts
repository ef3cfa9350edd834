/**
 * Whether a file is this receiver's to read. What another one reads, or will as soon as it comes to it, is left alone:
 * that has its lines in its streams, and knows their copies.
 */
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'

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

/** Of a file that is no stream yet, or another one than before. */
export function isOurs(file: FollowedFile, context: FileContext): boolean {
  if (context.claims.hasFile(file.found, context.receiver)) return true
  return isOursByHead(file, context) && isOurFile(file, context)
}

/** By how it begins: what both match, and one of them reads something like it, may be a copy of that. */
function isOursByHead(file: FollowedFile, context: FileContext): boolean {
  const { claims, receiver, reads } = context
  const reader = claims.readersOf(file.head).find((name) => name === receiver || reads(name, file.path))
  return staysOurs(
    reader ?? receiver,
    file,
    context,
    'reads what begins like this file, and this one with it: not read here',
  )
}

function staysOurs(
  holder: string,
  file: FollowedFile,
  { receiver, claims, log }: FileContext,
  why = already,
): boolean {
  if (holder === receiver) return true
  claims.contest(holder)
  file.ignored = true
  log.warn({ path: file.path }, `receiver ${holder} ${why}`)
  return false
}
