/** A cursor on disk: one line of JSON, then its CRC-32C in hex. Where one is damaged events go out again. */
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import { z } from 'zod'
import { AffiantError, asError, systemCode } from '../errors.ts'
import type { FileSystem } from './fs-port.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

const content = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  epoch: z.number().int(),
  settled: z.number().int().nonnegative(),
  required: z.boolean(),
  history: z.array(z.tuple([z.number(), z.number()])),
})

export type CursorContent = Omit<z.infer<typeof content>, 'format'>

const suffix = '.json'

export const cursorPath = (dataDir: string, name: string): string =>
  join(dataDir, 'cursors', `${name}${suffix}`)

export async function writeCursor(fs: FileSystem, dataDir: string, cursor: CursorContent): Promise<void> {
  const line = JSON.stringify({ format: 1, ...cursor })
  const check = crc32c(line).toString(16).padStart(8, '0')
  await replaceFile(fs, cursorPath(dataDir, cursor.name), Buffer.from(`${line}\n${check}\n`))
}

export interface CursorFiles {
  readonly cursors: readonly CursorContent[]
  /** Names of files that were damaged. */
  readonly damaged: readonly string[]
}

export async function readCursors(fs: FileSystem, dataDir: string): Promise<CursorFiles> {
  const cursors: CursorContent[] = []
  const damaged: string[] = []
  for (const file of await fs.list(join(dataDir, 'cursors'))) {
    if (!file.endsWith(suffix)) continue
    const name = file.slice(0, -suffix.length)
    const cursor = parseCursor(await readCursorFile(fs, cursorPath(dataDir, name)))
    if (cursor?.name === name) cursors.push(cursor)
    else damaged.push(name)
  }
  return { cursors, damaged }
}

async function readCursorFile(fs: FileSystem, path: string): Promise<Buffer | null> {
  try {
    return await readSmallFile(fs, path)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    throw new AffiantError('data_dir_unusable', `${path} cannot be read: ${asError(error).message}`, {
      hint: 'make it readable; removed, its sink begins as its `start` says',
    })
  }
}

/** Null: it is not what was written. */
export function parseCursor(bytes: Buffer | null): CursorContent | null {
  const [line = '', check = ''] = bytes?.toString().split('\n') ?? []
  if (line === '' || crc32c(line) !== Number.parseInt(check, 16)) return null
  try {
    const { format: _, ...cursor } = content.parse(JSON.parse(line))
    return cursor
  } catch {
    return null
  }
}
