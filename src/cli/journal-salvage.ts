/** `affiant journal salvage`: every good event of a damaged journal into one file, and a list of what is lost. Reads only. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyRing } from '../journal/key-ring.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { Salvage } from '../journal/salvage.ts'
import { eventLines } from './event-lines.ts'
import { openOutput } from './output-file.ts'

interface SalvageCommand {
  readonly dataDir: string
  readonly keys: KeyRing
  /** A file, or a directory in which it is called `salvaged.ndjson`; `-`: the standard output. */
  readonly to: string
  readonly say: (line: string) => void
}

/** Resolves to the exit code: 0, 65 when something was not readable, 66 when there is nothing to salvage. */
export async function salvageJournal({ dataDir, keys, to, say }: SalvageCommand): Promise<number> {
  const directory = join(dataDir, 'journal')
  let troubles = 0
  const tell = (trouble: string) => {
    troubles++
    say(trouble)
  }
  const salvage = await Salvage.survey({ fs: nodeFileSystem, directory, keys, tell })
  if (salvage.files === 0) {
    say(`no segments in ${directory}`)
    return 66
  }
  const path = (await isDirectory(to)) ? join(to, 'salvaged.ndjson') : to
  await using output = await openOutput(path)
  let events = 0
  for await (const { block, origin, from, to: end } of salvage.parts()) {
    await output.write(eventLines(block, origin, from, end))
    events += end - from
  }
  for (const [first, next] of salvage.missing()) tell(`seq ${first}..${next - 1}: lost`)
  say(`${events} events from ${salvage.files} files${path === '-' ? '' : ` in ${path}`}`)
  return troubles === 0 ? 0 : 65
}

async function isDirectory(path: string): Promise<boolean> {
  if (path === '-') return false
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
