/**
 * Forgetting the cursor of a sink that is gone, so that the journal need not keep anything for it any longer. A note
 * takes the cursor's place, for the agent to put on record: `cursors/<name>.forgotten`, JSON, until it has.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { cursorPath, readCursors } from './cursor-file.ts'
import type { FileSystem } from './fs-port.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

const content = z.object({
  name: z.string(),
  /** Everything below was settled; null where the cursor was damaged. */
  settled: z.number().int().nonnegative().nullable(),
  /** When it was forgotten, unix milliseconds. */
  at: z.number(),
})

export type ForgottenCursor = z.infer<typeof content>

const suffix = '.forgotten'

const notePath = (dataDir: string, name: string) => join(dataDir, 'cursors', `${name}${suffix}`)

/**
 * Only while the data directory is locked. Null when there is no such cursor.
 * @param at unix milliseconds
 */
export async function forgetCursor(
  fs: FileSystem,
  dataDir: string,
  name: string,
  at: number,
): Promise<ForgottenCursor | null> {
  const { cursors, damaged } = await readCursors(fs, dataDir)
  const cursor = cursors.find((each) => each.name === name)
  if (!cursor && !damaged.includes(name)) return null
  const forgotten = { name, settled: cursor?.settled ?? null, at }
  await replaceFile(fs, notePath(dataDir, name), Buffer.from(`${JSON.stringify(forgotten)}\n`))
  await fs.remove(cursorPath(dataDir, name))
  await fs.syncDirectory(join(dataDir, 'cursors'))
  return forgotten
}

/** What was forgotten since the last start that put it on record. */
export async function forgottenCursors(fs: FileSystem, dataDir: string): Promise<ForgottenCursor[]> {
  const files = await fs.list(join(dataDir, 'cursors'))
  const found: ForgottenCursor[] = []
  for (const file of files) {
    if (!file.endsWith(suffix)) continue
    const name = file.slice(0, -suffix.length)
    // With its cursor beside it the note is of a command that was ended halfway.
    const isWhole = !files.includes(`${name}.json`)
    const bytes = await readSmallFile(fs, notePath(dataDir, name))
    if (isWhole && bytes) found.push(content.parse(JSON.parse(bytes.toString())))
  }
  return found
}

export async function removeForgottenNote(fs: FileSystem, dataDir: string, name: string): Promise<void> {
  await fs.remove(notePath(dataDir, name))
}
