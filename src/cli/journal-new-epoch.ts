/** `affiant journal new-epoch`: a journal that went back in time gives way to one that names no position a second time. */
import { stat } from 'node:fs/promises'
import { loadAgentConfig } from '../agent/load.ts'
import { keepRanUntil } from '../agent/record-start.ts'
import { systemClock } from '../clock.ts'
import { AffiantError } from '../errors.ts'
import { beginEpoch, type EpochNote } from '../journal/begin-epoch.ts'
import type { Journal } from '../journal/contract.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { createLog } from '../telemetry/log.ts'
import { requester } from './operate.ts'

/** @throws AffiantError not_found, data_dir_locked, data_dir_unusable, journal_key */
export async function newEpochCommand(
  configPaths: readonly string[],
  out: { write(text: string): unknown },
): Promise<number> {
  const { config } = await loadAgentConfig(configPaths)
  const { data_dir: dataDir, id: agentId } = config.agent
  if (!(await stat(dataDir).catch(() => undefined))) {
    throw new AffiantError('not_found', `there is no data directory ${dataDir}`)
  }
  const log = await createLog({ ...config.telemetry.log, level: 'error' })
  const fs = nodeFileSystem
  const own = { fs, dataDir, agentId, config: config.journal, clock: systemClock, log }
  const leaving = (journal: Journal) => keepRanUntil(dataDir, journal)
  const begun = await beginEpoch({ ...own, requester: requester(), leaving }).catch(ofRunningAgent)
  out.write(summary(begun))
  return 0
}

function summary({ from_origin: from, set_aside: aside, last_seq: last, unsettled }: EpochNote): string {
  const newest = last === null ? 'it had no event' : `its newest event is seq ${last}`
  const left =
    unsettled.length === 0
      ? ['every sink had all of it']
      : unsettled.map(({ sink, from: seq }) => `sink ${sink} had not settled it from seq ${seq} on`)
  const lines = [
    `a new epoch begins with the next start, which puts this on record`,
    `the journal of ${from} is in ${aside}; ${newest}`,
    ...left,
  ]
  return `${lines.join('\n')}\n`
}

function ofRunningAgent(error: unknown): never {
  if (!(error instanceof AffiantError) || error.code !== 'data_dir_locked') throw error
  throw new AffiantError(error.code, error.message, {
    cause: error,
    hint: 'stop that agent first: an epoch begins with a start',
  })
}
