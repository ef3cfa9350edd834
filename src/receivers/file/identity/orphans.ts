/** Streams from before the restart whose files no longer have the names they had: rotated, compressed, or gone. */
import { readdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from '../../../errors.ts'
import type { FileContext } from '../file-context.ts'
import { begunSince, followBetween } from '../finding/between.ts'
import type { FollowedFiles } from '../finding/followed-files.ts'
import { findInodes, statOrNull } from '../finding/locate.ts'
import type { Patterns } from '../finding/pattern.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { describedFile } from './descriptor.ts'
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
 * rotation has left between that and the present file. What cannot be looked at now keeps its position.
 */
export async function adoptOrphans(options: OrphanOptions): Promise<void> {
  const { patterns, context } = options
  const { known } = context
  // A path that the configuration no longer names keeps its position, should it come back.
  const orphans = known.remaining().filter(({ descriptor }) => patterns.matches(descriptor.path))
  const adopted = await adoptByInode(orphans, options)
  const byPath = Map.groupBy(orphans, ({ descriptor }) => descriptor.path)
  for (const [path, ofPath] of byPath) {
    await adoptInOrder(path, ofPath, adopted, options)
  }
}

/** All streams of one path: each is read after the one before it. */
async function adoptInOrder(
  path: string,
  orphans: readonly KnownFile[],
  adopted: ReadonlyMap<string, FollowedFile | undefined>,
  options: OrphanOptions,
): Promise<void> {
  const { files, context } = options
  let last: FollowedFile | null = null
  let newest: number | undefined
  const targets: (string | undefined)[] = []
  for (const orphan of orphans.toSorted((a, b) => (a.descriptor.since ?? 0) - (b.descriptor.since ?? 0))) {
    const { inode, since, target } = orphan.descriptor
    if (!adopted.has(inode) && files.all.some(({ found }) => String(found.inode) === inode)) continue
    const file = adopted.has(inode) ? adopted.get(inode) : await adoptByContent(orphan, options)
    if (file === undefined) continue
    if (file && last && file !== last) files.order(file, last)
    last = file ?? last
    if (since === undefined) continue
    // It is resumed later, and what is found behind it counts from there.
    if (file) file.since = since
    newest = since
    targets.push(target)
  }
  if (newest === undefined) return
  const when = begunSince(newest)
  const between = await followBetween(files, context, { origin: path, older: last, when, targets })
  const before = between.at(-1) ?? last
  if (before) files.precede(path, before)
}

/** Undefined are those that are there and cannot be read. */
async function adoptByInode(
  orphans: readonly KnownFile[],
  { files, context }: OrphanOptions,
): Promise<Map<string, FollowedFile | undefined>> {
  const adopted = new Map<string, FollowedFile | undefined>()
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const present = new Set(files.all.map(({ found }) => String(found.inode)))
    const missing = orphans.filter(({ descriptor }) => !present.has(descriptor.inode))
    if (missing.length === 0) break
    const wanted = new Map(missing.map((orphan) => [orphan.descriptor.inode, orphan]))
    for (const directory of new Set(missing.flatMap((orphan) => directoriesOf(orphan, files)))) {
      for (const [key, path] of await findInodes(directory, (_, inode) => wanted.has(String(inode)))) {
        const inode = key.slice(key.indexOf(':') + 1)
        const orphan = wanted.get(inode)
        if (!orphan) continue
        try {
          const file = await files.adopt(path, orphan.descriptor.path, orphan.descriptor.target ?? null)
          if (!file) continue
          adopted.set(inode, file)
          context.wake(file)
        } catch (error) {
          // It has moved on meanwhile, or is gone: what it held is looked for.
          if (systemCode(error) === 'ENOENT') continue
          if (!adopted.has(inode)) {
            context.log.warn({ path, err: error }, 'cannot read on in this file: the next start tries again')
          }
          adopted.set(inode, undefined)
        }
      }
    }
  }
  return adopted
}

/** Null when it is gone, and that is on record; undefined when nobody can tell. */
async function adoptByContent(
  orphan: KnownFile,
  { files, context }: OrphanOptions,
): Promise<FollowedFile | null | undefined> {
  const { path } = orphan.descriptor
  let copy: FollowedFile | null = null
  try {
    // Without its directory (not mounted yet?), or if it cannot be listed, nobody can say that the file is gone.
    if (!(await statOrNull(dirname(path)))) return undefined
    for (const directory of directoriesOf(orphan, files)) await mustBeOpen(directory)
    copy = await context.copies.of(path, orphan)
    if (copy) {
      await takeOver(copy, orphan, await contentSize(copy.found.source), context)
      context.known.remove(orphan)
      context.claims.releaseFile(describedFile(orphan.descriptor), context.receiver)
      context.wake(copy)
      return copy
    }
  } catch (error) {
    context.log.warn(
      { path, err: error },
      'what was not read of this file before the start cannot be looked for: the next start tries again',
    )
    if (copy) copy.reserved = false
    return undefined
  }
  context.known.remove(orphan)
  void endMissing(orphan, context).catch((error: unknown) => {
    if (!context.signal.aborted) context.log.error({ path, err: error }, 'a gap could not be recorded')
  })
  return null
}

/** Rejects when it is there and does not say what it holds, or what that is. */
async function mustBeOpen(directory: string): Promise<void> {
  try {
    await readdir(directory)
    await stat(`${directory}/.`)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  }
}

/** Where it was last seen, and where its name is, or leads now. */
function directoriesOf({ descriptor }: KnownFile, files: FollowedFiles): readonly string[] {
  const { path, moved, target } = descriptor
  const present = files.at(path)?.found.target
  const paths = [moved, target, present, path].filter((name) => typeof name === 'string')
  return [...new Set(paths.map((name) => dirname(name)))]
}
