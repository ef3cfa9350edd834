/** What is on record of commands that send events once more, or take dead letters away. Each is in docs/own-events.md. */
import { abortable, type Clock } from '../clock.ts'
import { AffiantError } from '../errors.ts'
import type { Requester } from './operation.ts'
import type { OwnEventDraft } from './own-events.ts'
import type { OwnLog } from './own-log.ts'

const targets = (sink: string) => [{ id: sink, type: 'sink' }]

/** Who asked is not proven: the control socket does not say who is at its other end. */
const saidBy = (requester: Requester) => ({ ...requester, said_by: 'the command' })

/** Seqs that are told one by one; more are counted. */
const mostRanges = 100

interface SeqRange {
  readonly first_seq: number
  readonly last_seq: number
}

interface ReplayNote {
  readonly id: string
  /** Where the events are taken from. */
  readonly source: 'journal' | 'dead_letters'
  /** Both included; null where there is nothing. */
  readonly from: number | null
  readonly to: number | null
  readonly events: number
  readonly missing: readonly SeqRange[]
  readonly requester: Requester
}

function noteOf({ id, source, from, to, events, missing, requester }: ReplayNote) {
  const gone = missing.reduce((sum, { first_seq, last_seq }) => sum + last_seq - first_seq + 1, 0)
  return {
    id,
    source,
    first_seq: from,
    last_seq: to,
    count: events,
    ...(gone > 0 && { missing: gone, missing_ranges: missing.slice(0, mostRanges) }),
    requested_by: saidBy(requester),
  }
}

export function replayStarted(sink: string, note: ReplayNote): OwnEventDraft {
  return {
    action: 'affiant.sink.replay_started',
    operation: 'execute',
    targets: targets(sink),
    metadata: noteOf(note),
  }
}

interface ReplayResult {
  readonly outcome: 'done' | 'ended' | 'given_up' | 'failed'
  readonly accepted: number
  readonly refused: number
  /** Of the journal: everything of the range below is done. */
  readonly settled: number | null
  readonly reason: string | null
}

export function replayEnded(sink: string, note: ReplayNote, result: ReplayResult): OwnEventDraft {
  const { outcome, accepted, refused, settled, reason } = result
  const whole = outcome === 'done' && accepted === note.events
  return {
    action: 'affiant.sink.replay_ended',
    operation: 'execute',
    outcome: {
      result: whole ? 'success' : accepted > 0 || outcome === 'done' ? 'partial' : 'failure',
      ...(reason !== null && { reason }),
    },
    targets: targets(sink),
    metadata: {
      ...noteOf(note),
      outcome,
      accepted,
      refused,
      ...(settled !== null && { settled }),
      ...(reason !== null && { reason }),
    },
  }
}

interface PurgeNote {
  readonly id: string
  readonly letters: number
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  readonly sha256: string
  readonly requester: Requester
}

const purgeOf = ({ id, letters, firstSeq, lastSeq, sha256, requester }: PurgeNote) => ({
  id,
  count: letters,
  first_seq: firstSeq,
  last_seq: lastSeq,
  sha256,
  requested_by: saidBy(requester),
})

/** Before anything is gone. */
export function purgeStarted(sink: string, note: PurgeNote): OwnEventDraft {
  return {
    action: 'affiant.sink.purge_started',
    operation: 'delete',
    targets: targets(sink),
    metadata: purgeOf(note),
  }
}

/** `failure`: why some of it may still be there. */
export function purged(sink: string, note: PurgeNote, failure?: string): OwnEventDraft {
  return {
    action: 'affiant.sink.purged',
    operation: 'delete',
    ...(failure !== undefined && { outcome: { result: 'failure', reason: failure } }),
    targets: targets(sink),
    metadata: { ...purgeOf(note), ...(failure !== undefined && { reason: failure }) },
  }
}

/** The end of something is waited for so long: a journal that fails must not hold up an agent that stops. Milliseconds. */
const patience = 5_000

/**
 * Nothing is done that is not on record first. A journal that takes nothing is waited for until the signal aborts: then
 * false, and the event may still come to be.
 * @throws AffiantError journal_unavailable
 */
export async function record(
  ownLog: Pick<OwnLog, 'write'>,
  draft: OwnEventDraft,
  signal: AbortSignal,
): Promise<boolean> {
  const written = await abortable(ownLog.write(draft), signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
    return undefined
  })
  if (written !== false) return written ?? false
  throw new AffiantError(
    'journal_unavailable',
    'it could not be put on record: the journal does not take it, or the agent stops',
    { hint: 'nothing has been sent or removed' },
  )
}

/** Why nothing came of what may be on record. */
export const endedEarly = 'it was ended before it began'

/** What the journal does not take now it takes later, unless the agent ends before. */
export async function recordEnd(
  ownLog: Pick<OwnLog, 'write'>,
  draft: OwnEventDraft,
  clock: Clock,
  milliseconds = patience,
): Promise<void> {
  const over = new AbortController()
  const late = clock.sleep(milliseconds, over.signal).catch(() => undefined)
  await Promise.race([ownLog.write(draft), late])
  over.abort()
}
