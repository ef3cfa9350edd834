/** Streams from before the restart whose files no longer have the names they had: rotated, compressed, or gone. */
import { dirname } from 'node:path'
import type { FileContext } from '../file-context.ts'
import { followBetween } from '../finding/between.ts'
import type { FollowedFiles } from '../finding/followed-files.ts'
import { findInodes, statOrNull } from '../finding/locate.ts'
import type { Patterns } from '../finding/pattern.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { endMissing } from './endings.ts'
import type { KnownFile } from './known.ts'
import { contentSize } from './same-content.ts'
import { takeOver } from './take-over.ts'

/** A rotation that goes on meanwhile moves the names on, between finding an inode and opening its name. */
const attempts = 4

export interface OrphanOptions {
  readonly files: FollowedFiles
  readonly patterns: Patterns
  readonly context: FileContext
}

/**
 * Call once every matching file is followed, and before any of them is read: what was rotated goes first, then what a
 * rotation has left between that and the present file.
 */
export async function adoptOrphans(options: OrphanOptions): Promise<void> {
  const { files, patterns, context } = options
  const { known } = context
  // A path that the configuration no longer names keeps its position, should it come back.
  const orphans = known.remaining().filter(({ descriptor }) => patterns.matches(descriptor.path))
  const adopted = await adoptByInode(orphans, options)
  const rotated = new Map<string, { since: number; file: FollowedFile | null }>()
  for (const orphan of orphans) {
    const { path, inode, since } = orphan.descriptor
    if (!adopted.has(inode) && files.all.some(({ found }) => String(found.inode) === inode)) continue
    const file = adopted.get(inode) ?? (await adoptByContent(orphan, options))
    if (file === undefined || since === undefined) continue
    const before = rotated.get(path)
    if (!before || since > before.since) rotated.set(path, { since, file })
  }
  for (const [path, { since, file }] of rotated) {
    const last = (await followBetween(files, context, { origin: path, older: file, since })).at(-1) ?? file
    if (last) files.precede(path, last)
  }
}

async function adoptByInode(
  orphans: readonly KnownFile[],
  { files, context }: OrphanOptions,
): Promise<Map<string, FollowedFile>> {
  const adopted = new Map<string, FollowedFile>()
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const present = new Set(files.all.map(({ found }) => String(found.inode)))
    const missing = orphans.filter(({ descriptor }) => !present.has(descriptor.inode))
    if (missing.length === 0) break
    const origins = new Map(missing.map(({ descriptor }) => [descriptor.inode, descriptor.path]))
    for (const directory of new Set(missing.flatMap(directoriesOf))) {
      for (const [key, path] of await findInodes(directory, (_, inode) => origins.has(String(inode)))) {
        const inode = key.slice(key.indexOf(':') + 1)
        const origin = origins.get(inode)
        if (origin === undefined) continue
        try {
          const file = await files.adopt(path, origin)
          if (!file) continue
          adopted.set(inode, file)
          context.wake(file)
        } catch (error) {
          context.log.warn({ path, err: error }, 'cannot read on in this rotated file')
        }
      }
    }
  }
  return adopted
}

/** Null when it is gone, and that is on record; undefined when nobody can tell. */
async function adoptByContent(
  orphan: KnownFile,
  { context }: OrphanOptions,
): Promise<FollowedFile | null | undefined> {
  const { path, moved } = orphan.descriptor
  // Without its directory (not mounted yet?) nobody can say that the file is gone.
  if (!(await statOrNull(dirname(path)).catch(() => null))) return undefined
  const copy =
    (await context.copies.of(path, orphan)) ??
    (moved === undefined ? null : await context.copies.of(moved, orphan))
  context.known.remove(orphan)
  if (copy) {
    await takeOver(copy, orphan, await contentSize(copy.found.source), context)
    context.wake(copy)
    return copy
  }
  void endMissing(orphan, context).catch((error: unknown) => {
    if (!context.signal.aborted) context.log.error({ path, err: error }, 'a gap could not be recorded')
  })
  return null
}

function directoriesOf({ descriptor }: KnownFile): string[] {
  const paths = descriptor.moved === undefined ? [descriptor.path] : [descriptor.moved, descriptor.path]
  return paths.map((path) => dirname(path))
}
