/** `affiant sink forget NAME`: the journal keeps nothing any longer for a sink that was taken out of the configuration. */
import { stat } from 'node:fs/promises'
import { sinkNotFound } from '../agent/forget-sink.ts'
import { loadAgentConfig } from '../agent/load.ts'
import { systemClock } from '../clock.ts'
import { AffiantError } from '../errors.ts'
import { readCursors } from '../journal/cursor-file.ts'
import { forgetCursor } from '../journal/forget-cursor.ts'
import { lockDataDir } from '../journal/lock.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { askForget } from './ask-forget.ts'
import { requester } from './operate.ts'

/** @throws AffiantError usage, sink_not_found, data_dir_locked */
export async function forgetSinkCommand(
  name: string,
  configPaths: readonly string[],
  out: { write(text: string): unknown },
): Promise<number> {
  const { config } = await loadAgentConfig(configPaths)
  const dataDir = config.agent.data_dir
  if (Object.hasOwn(config.sinks, name)) {
    throw new AffiantError('usage', `sink ${name} is configured`, {
      hint: 'take it out of the configuration first; what it has not had then stays for it until it is forgotten',
    })
  }
  const asked = await askForget(dataDir, name, requester())
  if (asked !== undefined) {
    out.write(`sink ${name} is forgotten${had(asked.settled)}. It is on record.\n`)
    return 0
  }
  if (!(await stat(dataDir).catch(() => undefined))) throw sinkNotFound(dataDir, name, [])
  const lock = await lockDataDir(dataDir, { clock: systemClock }).catch(ofRunningAgent)
  try {
    const forgotten = await forgetCursor(nodeFileSystem, dataDir, name, systemClock.now())
    if (!forgotten) {
      const { cursors, damaged } = await readCursors(nodeFileSystem, dataDir).catch(() => none)
      throw sinkNotFound(dataDir, name, [...cursors.map((cursor) => cursor.name), ...damaged])
    }
    out.write(`sink ${name} is forgotten${had(forgotten.settled)}. The next start puts this on record.\n`)
    return 0
  } finally {
    lock.release()
  }
}

const had = (settled: number | null): string =>
  settled === null ? '' : `; it had settled everything below seq ${settled}`

function ofRunningAgent(error: unknown): never {
  if (!(error instanceof AffiantError) || error.code !== 'data_dir_locked') throw error
  throw new AffiantError(error.code, error.message, {
    cause: error,
    hint: 'it has no control socket there: it is starting or stopping, another command works there, or its log says why it has none',
  })
}

const none = { cursors: [], damaged: [] }
