/** Route tables, one small file each, named by their hash: what the route bits of old blocks meant. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { FileSystem } from './fs-port.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

/** What segments carry that were opened before any table was set. */
export const noRouteTable = '0'.repeat(64)

const pathOf = (dataDir: string, hash: string): string => join(dataDir, 'routes', `${hash}.json`)

export const hashRouteTable = (table: string): string => createHash('sha256').update(table).digest('hex')

/** Durable before this resolves. */
export async function keepRouteTable(fs: FileSystem, dataDir: string, table: string): Promise<string> {
  const hash = hashRouteTable(table)
  if ((await readRouteTable(fs, dataDir, hash)) === null) {
    await replaceFile(fs, pathOf(dataDir, hash), Buffer.from(table))
  }
  return hash
}

/** Null when there is none, or when it is not what its name says. */
export async function readRouteTable(fs: FileSystem, dataDir: string, hash: string): Promise<string | null> {
  const content = await readSmallFile(fs, pathOf(dataDir, hash))
  const table = content?.toString() ?? null
  return table !== null && hashRouteTable(table) === hash ? table : null
}
