/** Small files that are whole or absent, whatever moment the power goes. */
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../errors.ts'
import type { FileSystem } from './fs-port.ts'

/** Write, fsync, rename, fsync of the directory. */
export async function replaceFile(fs: FileSystem, path: string, content: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`)
  const file = await fs.open(temporary, 'create')
  try {
    await file.write([content], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await fs.rename(temporary, path)
  await fs.syncDirectory(dirname(path))
}

/** All of a file, or null when there is none. */
export async function readSmallFile(fs: FileSystem, path: string): Promise<Buffer | null> {
  try {
    const file = await fs.open(path, 'read')
    try {
      const content = Buffer.alloc(await file.size())
      return content.subarray(0, await file.read(content, 0))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
