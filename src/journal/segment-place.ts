/** Whether segments that this process wrote are still what their names lead to, on a disk that may be written. */
import { AffiantError } from '../errors.ts'
import type { FileSystem } from './fs-port.ts'
import { readSegmentHeader, type Segment } from './segment.ts'

/** @throws what the file system says, or that another journal lies there */
export async function checkPlace(
  fs: FileSystem,
  { path, header }: Pick<Segment, 'path' | 'header'>,
): Promise<void> {
  // For writing: a file that is open already does not hear that its file system has become read-only.
  const file = await fs.open(path, 'write')
  try {
    const found = await readSegmentHeader(file, path)
    // A header that cannot be read is damage, and readers find that.
    if (found && Buffer.compare(found.incarnation, header.incarnation) !== 0) {
      throw new AffiantError('journal_unavailable', `${path} is of another journal`)
    }
  } finally {
    await file.close()
  }
}

/**
 * Why none of `segments` is in its place: then the directory is not the one they were written to, and what is written
 * there would not be found with them. Undefined when one is, or none was written.
 */
export async function whyDisplaced(fs: FileSystem, segments: readonly Segment[]): Promise<unknown> {
  let why: unknown
  for (const segment of segments.toReversed()) {
    try {
      await checkPlace(fs, segment)
      return undefined
    } catch (error) {
      why ??= error
    }
  }
  return why
}
