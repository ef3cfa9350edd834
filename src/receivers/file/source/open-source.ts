/** Opens a file as what it holds: a compressed one is read as the bytes that it stands for. */

import { isGzip, readAt } from '../identity/head.ts'
import type { ByteSource } from './byte-source.ts'
import { GzipSource } from './gzip-source.ts'
import type { OpenFiles } from './open-files.ts'

/** Rejects with what the file system says. */
export async function openSource(files: OpenFiles, path: string): Promise<ByteSource> {
  const plain = await files.openSource(path)
  try {
    // A file that is being written may have too little yet: its head is looked at again.
    return isGzip(await readAt(plain, 0, 2)) ? new GzipSource(plain) : plain
  } catch (error) {
    await plain.close()
    throw error
  }
}
