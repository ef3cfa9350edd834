/** `affiant files`: how far each file is read, committed and settled; from the agent that runs, or from what it left. */
import { z } from 'zod'
import { readAgentFile } from '../agent/agent-file.ts'
import { filesOnDisk } from '../agent/files-on-disk.ts'
import { loadDataDir, loadJournalPlace } from '../agent/load.ts'
import { KeyRing } from '../journal/key-ring.ts'
import { openJournalForReading } from '../journal/reading.ts'
import { askAgent } from './ask-agent.ts'
import { renderFiles } from './files-render.ts'

export interface FilesOptions {
  readonly config: readonly string[]
  readonly json: boolean
  /** A column for each sink. */
  readonly sinks: boolean
}

export async function filesCommand({ config, json, sinks }: FilesOptions): Promise<number> {
  const dataDir = await loadDataDir(config)
  const agent = readAgentFile(dataDir)
  const report = agent?.running ? await askAgent(agent, dataDir, question) : undefined
  const files = report?.files ?? (await filesInJournal(config))
  if (json) {
    process.stdout.write(`${JSON.stringify(report ?? { files })}\n`)
    return 0
  }
  process.stdout.write(renderFiles(files, sinks))
  if (report === undefined)
    process.stderr.write(`no agent runs on ${dataDir}: this is what its journal says\n`)
  return 0
}

async function filesInJournal(config: readonly string[]) {
  const { dataDir, keys } = await loadJournalPlace(config)
  return filesOnDisk(await openJournalForReading(dataDir, { keys: new KeyRing(keys) }))
}

const bytes = z.number().nullable()

/** What is printed of the answer. */
const answered = z.looseObject({
  files: z.array(
    z.looseObject({
      receiver: z.string(),
      path: z.string(),
      state: z.string(),
      size: bytes,
      read: bytes,
      committed: bytes,
      settled: bytes,
      lag: bytes,
      sinks: z.record(z.string(), z.looseObject({ settled: bytes })),
    }),
  ),
})

const question = { path: '/files', schema: answered, otherwise: 'its answer is no list of files' }
