/** What a directory of the journal holds. */
import { AffiantError, systemCode } from '../errors.ts'
import type { FileSystem } from './fs-port.ts'

/** Names; none where there is no such directory. @throws AffiantError not_found: it is a file, or lies below one */
export async function listJournal(fs: FileSystem, directory: string): Promise<readonly string[]> {
  try {
    return await fs.list(directory)
  } catch (error) {
    if (systemCode(error) !== 'ENOTDIR') throw error
    throw new AffiantError('not_found', `${directory} cannot be a journal: a part of this path is a file`, {
      hint: 'the data directory (agent.data_dir, or --data-dir) is the directory that has journal/ in it',
    })
  }
}
