/** `data_dir/last-start.json`: what the next start compares itself with. Lost, it costs one comparison. */
import { join } from 'node:path'
import { z } from 'zod'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { readSmallFile, replaceFile } from '../journal/small-file.ts'

const content = z.object({
  config_sha256: z.string(),
  /** When its run ended, unix milliseconds, where commands wrote to the journal since; else the journal says. */
  ran_until: z.number().exactOptional(),
})

export type LastStart = z.infer<typeof content>

const pathIn = (dataDir: string) => join(dataDir, 'last-start.json')

/** Undefined when there was none, or its file does not say. */
export async function readLastStart(dataDir: string): Promise<LastStart | undefined> {
  const bytes = await readSmallFile(nodeFileSystem, pathIn(dataDir))
  if (bytes === null) return undefined
  try {
    return content.safeParse(JSON.parse(bytes.toString())).data
  } catch {
    return undefined
  }
}

export async function writeLastStart(dataDir: string, start: LastStart): Promise<void> {
  await replaceFile(nodeFileSystem, pathIn(dataDir), Buffer.from(`${JSON.stringify(start)}\n`))
}
