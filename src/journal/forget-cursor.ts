/**
 * Forgetting the cursor of a sink that is gone, so that the journal need not keep anything for it any longer. A note
 * takes the cursor's place, for the agent to put on record: `cursors/<name>.forgotten`, JSON, until it has. On a full disk the
 * cursor itself, under that name, is the note.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { systemCode } from '../errors.ts'
import { cursorPath, parseCursor, readCursors } from './cursor-file.ts'
import type { FileSystem } from './fs-port.ts'
import { reasonOf } from './pressure.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

const content = z.object({
  name: z.string(),
  /** Everything below was settled; null where it is not known: the cursor was damaged, or the note is. */
  settled: z.number().int().nonnegative().nullable(),
  /** When it was forgotten, unix milliseconds; null where there was no room to note it, or the note is damaged. */
  at: z.number().nullable(),
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
  try {
    await replaceFile(fs, notePath(dataDir, name), Buffer.from(`${JSON.stringify(forgotten)}\n`))
    await fs.remove(cursorPath(dataDir, name))
  } catch (error) {
    if (reasonOf(error) !== 'disk_full') throw error
    await fs.rename(cursorPath(dataDir, name), notePath(dataDir, name))
  }
  await fs.syncDirectory(join(dataDir, 'cursors'))
  return forgotten
}

export interface ForgottenCursors {
  readonly cursors: readonly ForgottenCursor[]
  /** Files that do not say what they should. They count as notes all the same: there is no cursor. */
  readonly damaged: readonly string[]
}

/** What was forgotten since the last start that put it on record. */
export async function forgottenCursors(fs: FileSystem, dataDir: string): Promise<ForgottenCursors> {
  const files = await fs.list(join(dataDir, 'cursors'))
  const cursors: ForgottenCursor[] = []
  const damaged: string[] = []
  for (const file of files) {
    if (!file.endsWith(suffix)) continue
    const name = file.slice(0, -suffix.length)
    // With its cursor beside it the note is of a command that was ended halfway.
    if (files.includes(`${name}.json`)) continue
    const note = parse(await readSmallFile(fs, notePath(dataDir, name)).catch(unreadable))
    if (note?.name !== name) damaged.push(notePath(dataDir, name))
    cursors.push(note?.name === name ? note : { name, settled: null, at: null })
  }
  return { cursors, damaged }
}

function unreadable(error: unknown): null {
  if (systemCode(error) === undefined) throw error
  return null
}

function parse(bytes: Buffer | null): ForgottenCursor | null {
  const cursor = parseCursor(bytes)
  if (cursor) return { name: cursor.name, settled: cursor.settled, at: null }
  try {
    return content.parse(JSON.parse(bytes?.toString() ?? ''))
  } catch {
    return null
  }
}

export async function removeForgottenNote(fs: FileSystem, dataDir: string, name: string): Promise<void> {
  await fs.remove(notePath(dataDir, name))
}
