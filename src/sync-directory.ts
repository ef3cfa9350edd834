/** What was made, renamed or removed in a directory is durable only once the directory is synced. */
import { open } from 'node:fs/promises'

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
