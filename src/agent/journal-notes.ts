/** What the journal has to say that must be on record. Each is in docs/own-events.md. */
import type { EpochNote } from '../journal/begin-epoch.ts'
import type { DamagedSeqs, JournalPressure, JournalRecovery } from '../journal/contract.ts'
import type { JournalEvents } from '../journal/journal-events.ts'
import type { OwnEventDraft } from './own-events.ts'

type Drop = Parameters<NonNullable<JournalEvents['dropped']>>[0]

export function journalDamaged({ firstSeq, lastSeq, file, gone }: DamagedSeqs): OwnEventDraft {
  return {
    action: 'affiant.journal.damaged',
    operation: 'other',
    outcome: { result: 'failure' },
    message: `events ${firstSeq} to ${lastSeq} are ${gone ? 'gone from the journal' : 'damaged; their bytes are set aside'}`,
    metadata: { first_seq: firstSeq, last_seq: lastSeq, file, ...(gone && { gone }) },
  }
}

export function journalDropped({ firstSeq, lastSeq, sinks, reason }: Drop): OwnEventDraft {
  return {
    action: 'affiant.journal.dropped',
    operation: 'delete',
    outcome: { result: 'failure' },
    targets: sinks.map((name) => ({ id: name, type: 'sink' })),
    message: `events ${firstSeq} to ${lastSeq} were dropped before every sink had them`,
    metadata: { first_seq: firstSeq, last_seq: lastSeq, reason },
  }
}

export function journalPressed({ reason, message }: JournalPressure): OwnEventDraft {
  return {
    action: 'affiant.journal.pressed',
    operation: 'other',
    category: 'system',
    outcome: { result: 'failure' },
    message,
    metadata: { reason },
  }
}

/** Unix milliseconds. */
export function journalRelieved(reason: JournalPressure['reason'], from: number, to: number): OwnEventDraft {
  return {
    action: 'affiant.journal.relieved',
    operation: 'other',
    category: 'system',
    message: 'the journal takes events again',
    metadata: { reason, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
  }
}

export function epochBegan(note: EpochNote): OwnEventDraft {
  const { from_origin: from, last_seq: last, set_aside: aside, unsettled, requested_by: requester } = note
  return {
    action: 'affiant.journal.epoch_began',
    operation: 'create',
    category: 'configuration',
    message: `a new epoch began in place of ${from}, whose journal is in ${aside}`,
    metadata: {
      from_origin: from,
      ...(last !== null && { last_seq: last }),
      set_aside: aside,
      unsettled,
      requested_by: { ...requester, said_by: 'the command' },
      begun_time: note.time,
    },
  }
}

/** Ids of keys; null: not encrypted. */
export function journalKeyChanged({ from, to }: NonNullable<JournalRecovery['keyChange']>): OwnEventDraft {
  return {
    action: 'affiant.journal.key_changed',
    operation: 'update',
    category: 'configuration',
    metadata: { ...(from !== null && { from_key: from }), ...(to !== null && { to_key: to }) },
  }
}
