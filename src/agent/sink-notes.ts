/** What happens to a sink that must be on record. Each is in docs/own-events.md. */
import type { DeliveryNotice } from '../delivery/condition.ts'
import type { ForgottenCursor } from '../journal/forget-cursor.ts'
import type { JournalEvents } from '../journal/journal-events.ts'
import { journalDropped } from './journal-notes.ts'
import type { Requester } from './operation.ts'
import type { OwnEventDraft } from './own-events.ts'
import type { OwnLog } from './own-log.ts'

type Gap = Parameters<NonNullable<JournalEvents['gap']>>[0]
type Drop = Parameters<NonNullable<JournalEvents['dropped']>>[0]

const targets = (sink: string) => [{ id: sink, type: 'sink' }]

export function sinkHeld(sink: string, reason: string): OwnEventDraft {
  return {
    action: 'affiant.sink.held',
    operation: 'other',
    outcome: { result: 'failure', reason },
    targets: targets(sink),
    metadata: { reason },
  }
}

export function sinkResumed(sink: string): OwnEventDraft {
  return { action: 'affiant.sink.resumed', operation: 'other', targets: targets(sink) }
}

export function sinkDeadLettered(
  sink: string,
  { count, firstSeq, lastSeq, reason }: { count: number; firstSeq: number; lastSeq: number; reason: string },
): OwnEventDraft {
  return {
    action: 'affiant.sink.dead_lettered',
    operation: 'other',
    outcome: { result: 'failure', reason },
    targets: targets(sink),
    metadata: { count, first_seq: firstSeq, last_seq: lastSeq, reason },
  }
}

/** `expired`: not kept any longer; `unreadable`: damaged. Both ends included. */
export function sinkGap(
  sink: string,
  firstSeq: number,
  lastSeq: number,
  reason: 'expired' | 'unreadable',
): OwnEventDraft {
  return {
    action: 'affiant.sink.gap',
    operation: 'other',
    outcome: { result: 'failure' },
    targets: targets(sink),
    message: `events ${firstSeq} to ${lastSeq} were gone before sink ${sink} had them`,
    metadata: { first_seq: firstSeq, last_seq: lastSeq, reason },
  }
}

/** `requester`: of a running agent; who asks nobody is not known. */
export function sinkForgotten({ name, settled, at }: ForgottenCursor, requester?: Requester): OwnEventDraft {
  return {
    action: 'affiant.sink.forgotten',
    operation: 'delete',
    category: 'configuration',
    targets: targets(name),
    metadata: {
      settled,
      ...(at !== null && { forgotten_time: new Date(at).toISOString() }),
      ...(requester && { requested_by: { ...requester, said_by: 'the command' } }),
    },
  }
}

/** Records what delivery and the journal's retention say about sinks, each loss once though both notice it. */
export class SinkNotes {
  readonly #ownLog: Pick<OwnLog, 'record'>
  /** Per sink: what is gone below this seq has been told. */
  readonly #told = new Map<string, number>()

  constructor(ownLog: Pick<OwnLog, 'record'>) {
    this.#ownLog = ownLog
  }

  notice(notice: DeliveryNotice): void {
    const { sink } = notice
    switch (notice.kind) {
      case 'held':
        this.#ownLog.record(sinkHeld(sink, notice.reason), `sink.state ${sink}`)
        break
      case 'resumed':
        this.#ownLog.record(sinkResumed(sink), `sink.state ${sink}`)
        break
      case 'dead_letters':
        this.#ownLog.record(sinkDeadLettered(sink, notice), `sink.dead_lettered ${sink}`)
        break
      case 'gap': {
        const from = Math.max(notice.from, this.#told.get(sink) ?? 0)
        if (from < notice.to) this.#gap(sink, from, notice.to - 1, 'unreadable')
        break
      }
    }
  }

  expired({ sink, firstSeq, lastSeq }: Gap): void {
    this.#gap(sink, firstSeq, lastSeq, 'expired')
  }

  dropped(drop: Drop): void {
    for (const sink of drop.sinks) this.#told.set(sink, drop.lastSeq + 1)
    this.#ownLog.record(journalDropped(drop))
  }

  #gap(sink: string, firstSeq: number, lastSeq: number, reason: 'expired' | 'unreadable'): void {
    this.#told.set(sink, lastSeq + 1)
    this.#ownLog.record(sinkGap(sink, firstSeq, lastSeq, reason), `sink.gap ${sink}`)
  }
}
