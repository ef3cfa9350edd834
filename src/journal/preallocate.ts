/**
 * Files filled with zeros and synced before anything is committed to them: an fdatasync then has no block to allocate
 * and no size to record. On ext4 one of 16 KiB took 4.4 ms (p50) in a growing file, 0.11 ms in such a one.
 */
import type { FileSystem, OpenFile } from './fs-port.ts'

const chunk = Buffer.alloc(1024 * 1024)
/** Synced in steps, so that a commit next door never waits for a whole segment's worth of zeros. */
const bytesPerSync = 4 * chunk.byteLength

/** @throws what the file system says (ENOSPC …); nothing is left at `path` then. */
export async function preallocate(
  fs: FileSystem,
  path: string,
  length: number,
  signal?: AbortSignal,
): Promise<OpenFile> {
  const file = await fs.open(path, 'create')
  try {
    let unsynced = 0
    for (let at = 0; at < length; at += chunk.byteLength) {
      signal?.throwIfAborted()
      const zeros = chunk.subarray(0, Math.min(chunk.byteLength, length - at))
      await file.write([zeros], at)
      unsynced += zeros.byteLength
      if (unsynced >= bytesPerSync || at + chunk.byteLength >= length) {
        await file.sync()
        unsynced = 0
      }
    }
    return file
  } catch (error) {
    await file.close().catch(() => {})
    await fs.remove(path).catch(() => {})
    throw error
  }
}
