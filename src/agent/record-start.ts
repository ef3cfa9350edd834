/** What a start has to say, in this order, before any receiver has taken anything. */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import { readNote, removeNote } from '../journal/begin-epoch.ts'
import type { Journal, JournalRecovery } from '../journal/contract.ts'
import { forgottenCursors, removeForgottenNote } from '../journal/forget-cursor.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import type { Log } from '../telemetry/log.ts'
import { version } from '../version.ts'
import { agentRecovered, agentStarted, clockJumped, configChanged } from './agent-notes.ts'
import { epochBegan, journalDamaged, journalKeyChanged } from './journal-notes.ts'
import { readLastStart, writeLastStart } from './last-start.ts'
import type { OwnLog } from './own-log.ts'
import { sinkForgotten } from './sink-notes.ts'

export interface RecordStartOptions {
  readonly dataDir: string
  readonly configHash: string
  readonly journal: Pick<Journal, 'recovery' | 'durableSeq' | 'read'>
  readonly ownLog: OwnLog
  readonly clock: Clock
  readonly log: Log
}

interface RecordedStart {
  /** Resolves when the next start need not say it again. */
  readonly noted: Promise<void>
  /** Unix milliseconds: when the same configuration ran last, as far as the journal knows. Undefined where it never did. */
  readonly ranUntil: number | undefined
  /** Unix milliseconds: when the newest event of all before this start was written. Undefined where there is none. */
  readonly lastWritten: number | undefined
}

/** Resolves once all is handed over. Never rejects. */
export async function recordStart(options: RecordStartOptions): Promise<RecordedStart> {
  const { dataDir, configHash, journal, ownLog, clock, log } = options
  const { recovery } = journal
  // Before anything of this run is in it.
  const end = journal.durableSeq
  const { pid } = process
  ownLog.record(agentStarted({ version, node: process.versions.node, pid, configHash, recovery }))
  recordRecovery(recovery, ownLog)

  const last = await readLastStart(dataDir)
  if (last && last.config_sha256 !== configHash) ownLog.record(configChanged(last.config_sha256, configHash))
  const now = clock.now()
  const written = await lastWritten(journal, end)
  if (written !== undefined && written > now) ownLog.record(clockJumped(written, now, 'stopped'))

  const epoch = await readNote(nodeFileSystem, dataDir)
  if (epoch) ownLog.record(epochBegan(epoch))
  const forgotten = await forgottenCursors(nodeFileSystem, dataDir)
  for (const file of forgotten.damaged) {
    log.warn({ file }, 'what `affiant sink forget` noted is damaged: its sink counts as forgotten')
  }
  for (const cursor of forgotten.cursors)
    ownLog.record(sinkForgotten(cursor), `sink.forgotten ${cursor.name}`)

  async function note(): Promise<void> {
    // Only once it is on record: a start that is killed before says it again.
    if (!(await ownLog.settled())) return
    const isNews = last?.config_sha256 !== configHash || last.ran_until !== undefined
    if (isNews) await writeLastStart(dataDir, { config_sha256: configHash })
    if (epoch) await removeNote(nodeFileSystem, dataDir)
    for (const { name } of forgotten.cursors) await removeForgottenNote(nodeFileSystem, dataDir, name)
  }
  const noted = note().catch((thrown: unknown) => {
    log.warn(
      { reason: asError(thrown).message },
      'the next start may record once more what this one has recorded',
    )
  })
  const sameConfig = last?.config_sha256 === configHash
  const ended = last?.ran_until ?? written
  const ranUntil = sameConfig && ended !== undefined ? Math.min(ended, now) : undefined
  return { noted, ranUntil, lastWritten: written }
}

/** What opening the journal found: whoever opened it, the next one will not find it again. */
export function recordRecovery(recovery: JournalRecovery, ownLog: Pick<OwnLog, 'record'>): void {
  if (!recovery.clean) ownLog.record(agentRecovered(recovery))
  for (const damage of recovery.damaged) ownLog.record(journalDamaged(damage))
  if (recovery.keyChange) ownLog.record(journalKeyChanged(recovery.keyChange))
}

/**
 * Before a command writes to a journal that no agent has: the next start must know until when the agent before it ran, by which it
 * looks for what came and went since.
 */
export async function keepRanUntil(
  dataDir: string,
  journal: Pick<Journal, 'recovery' | 'durableSeq' | 'read'>,
): Promise<void> {
  const last = await readLastStart(dataDir)
  if (last === undefined || last.ran_until !== undefined) return
  const written = await lastWritten(journal, journal.durableSeq)
  if (written !== undefined) await writeLastStart(dataDir, { ...last, ran_until: written })
}

/** When the newest event that recovery found was handed to the disk, unix milliseconds. */
async function lastWritten(journal: RecordStartOptions['journal'], end: number): Promise<number | undefined> {
  if (journal.recovery.events === 0) return undefined
  await using reader = journal.read(end - 1)
  const block = await reader.next()
  return block?.writtenTime
}
