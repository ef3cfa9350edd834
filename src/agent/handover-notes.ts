/** What is on record of draining and of what was handed over to the fallback. Each is in docs/own-events.md. */
import type { UnsettledEvents } from '../delivery/seq-tally.ts'
import type { Requester } from './operation.ts'
import type { OwnEventDraft } from './own-events.ts'

const targets = (sink: string) => [{ id: sink, type: 'sink' }]

/** Seqs of the journal: `from` included, `to` not. */
export interface HandoverNote {
  readonly fallback: string
  readonly from: number
  readonly to: number
}

/** Before anything is sent. */
export function handoverStarted(
  { fallback, from, to }: HandoverNote,
  sinks: readonly string[],
): OwnEventDraft {
  return {
    action: 'affiant.sink.handover_started',
    operation: 'execute',
    targets: targets(fallback),
    metadata: { sinks, first_seq: from, last_seq: to - 1 },
  }
}

export interface HandoverResult {
  /** `done`: all of it is with the fallback; `ended`: its time was over; `failed`: the journal or the disk did. */
  readonly outcome: 'done' | 'ended' | 'failed'
  /** Whatever was to be handed over below is with the fallback. */
  readonly settled: number
  /** Events that the fallback has as dead letters. */
  readonly refused: number
  readonly reason: string | null
}

/** `found`: what this sink had not settled. */
export function handedOver(
  sink: string,
  { fallback }: HandoverNote,
  { events, ranges }: UnsettledEvents,
  { outcome, settled, refused, reason }: HandoverResult,
): OwnEventDraft {
  return {
    action: 'affiant.sink.handed_over',
    operation: 'execute',
    outcome: {
      result: outcome !== 'done' ? 'failure' : refused > 0 || reason !== null ? 'partial' : 'success',
      ...(reason !== null && { reason }),
    },
    targets: targets(sink),
    metadata: {
      fallback,
      count: events,
      ranges: ranges.map(({ firstSeq, lastSeq }) => ({ first_seq: firstSeq, last_seq: lastSeq })),
      outcome,
      settled,
      ...(refused > 0 && { refused }),
      ...(reason !== null && { reason }),
    },
  }
}

export interface DrainNote {
  readonly outcome: 'drained' | 'unsettled' | 'ended'
  /** Everything below was to be settled. */
  readonly through: number
  /** Required sinks that had not settled it. */
  readonly unsettled: readonly string[]
  readonly timeout: number
  readonly requester: Requester
}

/** Somebody had the agent drained by a command, and it went on. */
export function agentDrained({ outcome, through, unsettled, timeout, requester }: DrainNote): OwnEventDraft {
  return {
    action: 'affiant.agent.drained',
    operation: 'execute',
    outcome: { result: outcome === 'drained' ? 'success' : 'failure' },
    metadata: {
      outcome,
      settle_below: through,
      ...(unsettled.length > 0 && { unsettled_sinks: unsettled }),
      timeout_ms: timeout,
      requested_by: { ...requester, said_by: 'the command' },
    },
  }
}
