/** `affiant show SEQ`: one event beside its raw line, when it was committed, and where it went. */
import { loadAgentConfig } from '../agent/load.ts'
import { traceEvent } from '../agent/trace-event.ts'
import { AffiantError } from '../errors.ts'
import { renderTrace } from './show-render.ts'

export async function showCommand(text: string, configPaths: readonly string[]): Promise<number> {
  const seq = Number(text)
  if (!Number.isSafeInteger(seq) || seq < 0) {
    throw new AffiantError(
      'usage',
      `${JSON.stringify(text)} is no seq: a whole number from 0, as log.seq has it`,
    )
  }
  const { config } = await loadAgentConfig(configPaths)
  process.stdout.write(renderTrace(await traceEvent(config, seq)))
  return 0
}
