/** Whether segments that this process wrote are still where it wrote them, on a disk that may be written. */
import type { FileSystem } from './fs-port.ts'
import type { Segment } from './segment.ts'

/**
 * A name says epoch, seq and number, and so belongs to no other journal.
 * @throws what the file system says
 */
export async function checkPlace(fs: FileSystem, { path }: Pick<Segment, 'path'>): Promise<void> {
  // For writing: a file that is open already does not hear that its file system has become read-only.
  await (await fs.open(path, 'write')).close()
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
