/** `affiant files`: how far each file is read, committed and settled; from the agent that runs, or from what it left. */
import { z } from 'zod'
import { type AgentFile, readAgentFile } from '../agent/agent-file.ts'
import { filesOnDisk } from '../agent/files-on-disk.ts'
import { loadDataDir, loadJournalPlace } from '../agent/load.ts'
import { AffiantError, asError } from '../errors.ts'
import { KeyRing } from '../journal/key-ring.ts'
import { openJournalForReading } from '../journal/reading.ts'
import { renderFiles } from './files-render.ts'

export interface FilesOptions {
  readonly config: readonly string[]
  readonly json: boolean
  /** A column for each sink. */
  readonly sinks: boolean
}

/** Milliseconds: ten thousand files are asked for their sizes in well under one. */
const patience = 30_000

export async function filesCommand({ config, json, sinks }: FilesOptions): Promise<number> {
  const dataDir = await loadDataDir(config)
  const agent = readAgentFile(dataDir)
  const report = agent?.running ? await askAgent(agent, dataDir) : undefined
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

async function askAgent({ pid, telemetry }: AgentFile, dataDir: string): Promise<z.output<typeof answered>> {
  if (telemetry === undefined) {
    throw new AffiantError('agent_not_answering', `the agent on ${dataDir} (process ${pid}) is starting`, {
      hint: 'try again in a moment; affiant run says when it is ready',
    })
  }
  const url = `http://${reachable(telemetry)}/files`
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patience) })
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
    const { data } = answered.safeParse(await answer.json())
    if (data === undefined) throw new Error('its answer is no list of files')
    return data
  } catch (thrown) {
    const { message, cause } = asError(thrown)
    const why = cause instanceof Error ? cause.message : message
    throw new AffiantError(
      'agent_not_answering',
      `the agent on ${dataDir} (process ${pid}) does not answer at ${url}: ${why}`,
      {
        hint: 'is that process an agent? If it is gone for good, remove agent.json in the data directory',
        cause: thrown,
      },
    )
  }
}

/** Listening everywhere includes here. */
const reachable = (address: string): string =>
  address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')

const bytes = z.number().nullable()

/** What is printed of the answer. Another program may listen on that port by now. */
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
