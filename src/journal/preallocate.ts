/**
 * Files filled with zeros and synced before anything is committed to them: an fdatasync then has no block to allocate
 * and no size to record. On ext4 one of 16 KiB took 4.4 ms (p50) in a growing file, 0.11 ms in such a one.
 *
 * Nobody reads the zeros: where they need not go through the page cache they don't (docs/decisions/015).
 */
import type { DirectFile, FileSystem, OpenFile } from './fs-port.ts'

/**
 * Each step is synced before the next: commits next door took 1.4 ms (p50) beside steps of 1 MiB, 4.1 ms beside steps of
 * 4 MiB.
 */
const step = Buffer.alloc(1024 * 1024)

/** @throws what the file system says (ENOSPC …); nothing is left at `path` then. */
export async function preallocate(
  fs: FileSystem,
  path: string,
  length: number,
  signal?: AbortSignal,
): Promise<OpenFile> {
  const file = await fs.open(path, 'create')
  let direct: DirectFile | null = null
  try {
    direct = await fs.openDirect(path)
    await fill(file, direct, length, signal)
    await direct?.close()
    return file
  } catch (error) {
    await direct?.close().catch(() => {})
    await file.close().catch(() => {})
    await fs.remove(path).catch(() => {})
    throw error
  }
}

async function fill(
  file: OpenFile,
  direct: DirectFile | null,
  length: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let at = 0; at < length; at += step.byteLength) {
    signal?.throwIfAborted()
    const some = Math.min(step.byteLength, length - at)
    if (!(await direct?.zeros(at, some))) await file.write([step.subarray(0, some)], at)
    await file.sync()
  }
}
