/** What an operating system's error means for a batch. No write can find fault with the data. */
import type { Outcome } from '../sink.ts'

/** Somebody has to change something: a path, a mode, a mount. */
const configurationErrors = new Set([
  'EACCES',
  // A file where the path has a directory.
  'EEXIST',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
])

/** Full disks and quotas, I/O errors, too many open files, stale mounts: they pass. */
export function classifyFileError(code: string | undefined, message: string): Outcome {
  return { kind: configurationErrors.has(code ?? '') ? 'held' : 'later', reason: message }
}
