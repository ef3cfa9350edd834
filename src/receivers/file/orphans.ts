/** Streams from before the restart whose files no longer have the names they had: rotated, or gone. */
import { dirname } from 'node:path'
import type { Log } from '../../telemetry/log.ts'
import type { FollowedFiles } from './followed-files.ts'
import type { KnownFile, KnownFiles } from './known.ts'
import { findInodes, statOrNull } from './locate.ts'
import type { Patterns } from './pattern.ts'

/** A rotation that goes on meanwhile moves the names on, between finding an inode and opening its name. */
const attempts = 4

export interface OrphanOptions {
  readonly known: KnownFiles
  readonly files: FollowedFiles
  readonly patterns: Patterns
  readonly log: Log
  readonly forget: (streamId: string) => void
}

/** Call once every matching file is followed, and before any of them is read: what was rotated goes first. */
export async function adoptOrphans({ known, files, patterns, log, forget }: OrphanOptions): Promise<void> {
  const inodes = () => new Set(files.all.map(({ found }) => String(found.inode)))
  // A path that the configuration no longer names keeps its position, should it come back.
  const orphans = known.remaining().filter(({ descriptor }) => patterns.matches(descriptor.path))
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const present = inodes()
    const missing = orphans.filter(({ descriptor }) => !present.has(descriptor.inode))
    if (missing.length === 0) return
    const origins = new Map(missing.map(({ descriptor }) => [descriptor.inode, descriptor.path]))
    for (const directory of new Set(missing.flatMap(directoriesOf))) {
      for (const [key, path] of await findInodes(directory, (_, inode) => origins.has(String(inode)))) {
        const origin = origins.get(key.slice(key.indexOf(':') + 1))
        if (origin === undefined) continue
        await files.adopt(path, origin).catch((error: unknown) => {
          log.warn({ path, err: error }, 'cannot read on in this rotated file')
        })
      }
    }
  }
  const adopted = inodes()
  for (const orphan of orphans) {
    const { inode, path } = orphan.descriptor
    // Without its directory (not mounted yet?) nobody can say that the file is gone.
    if (adopted.has(inode) || !(await statOrNull(dirname(path)).catch(() => null))) continue
    log.warn({ path, stream: orphan.id }, 'this file went away while the agent was not running')
    known.remove(orphan)
    forget(orphan.id)
  }
}

function directoriesOf({ descriptor }: KnownFile): string[] {
  const paths = descriptor.moved === undefined ? [descriptor.path] : [descriptor.moved, descriptor.path]
  return paths.map((path) => dirname(path))
}
