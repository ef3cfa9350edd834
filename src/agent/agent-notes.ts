/** What the agent has to say about its own life. Each is in docs/own-events.md. */
import type { JournalRecovery } from '../journal/contract.ts'
import type { OwnEventDraft } from './own-events.ts'

export interface StartNote {
  readonly version: string
  readonly node: string
  readonly pid: number
  readonly configHash: string
  readonly recovery: JournalRecovery
}

export function agentStarted({ version, node, pid, configHash, recovery }: StartNote): OwnEventDraft {
  return {
    action: 'affiant.agent.started',
    operation: 'execute',
    metadata: {
      version,
      node,
      pid,
      config_sha256: configHash,
      journal: !recovery.found ? 'new' : recovery.clean ? 'closed' : 'recovered',
      journal_events: recovery.events,
    },
  }
}

/** The run before was killed, or its machine lost power. */
export function agentRecovered(recovery: JournalRecovery): OwnEventDraft {
  return {
    action: 'affiant.agent.recovered',
    operation: 'other',
    outcome: { result: recovery.damaged.length > 0 ? 'partial' : 'success' },
    message: 'the run before this one did not end as it should have; the journal was recovered',
    metadata: {
      torn_bytes: recovery.tornBytes,
      damaged_ranges: recovery.damaged.length,
      journal_events: recovery.events,
      milliseconds: Math.round(recovery.milliseconds),
    },
  }
}

/** Why an agent stops. */
export interface StopReason {
  readonly reason: 'signal' | 'once' | 'error' | 'closed'
  /** The signal's name, or the error's message. */
  readonly detail?: string
}

/** `drained`: every sink had settled all that was committed before. */
export function agentStopped({ reason, detail }: StopReason, drained: boolean): OwnEventDraft {
  return {
    action: 'affiant.agent.stopped',
    operation: 'other',
    ...(reason === 'error' && { outcome: { result: 'failure' } }),
    metadata: { reason, ...(detail !== undefined && { detail }), drained },
  }
}

/** Found at a start: the run before had another one. What changes while it runs is in reload-notes.ts. */
export function configChanged(from: string, to: string): OwnEventDraft {
  return {
    action: 'affiant.config.changed',
    operation: 'update',
    category: 'configuration',
    metadata: { from_sha256: from, to_sha256: to, while: 'stopped' },
  }
}

/** Wall clock times, unix milliseconds: what it should have shown, and what it shows. */
export function clockJumped(expected: number, found: number, when: 'running' | 'stopped'): OwnEventDraft {
  const offset = Math.round(found - expected)
  return {
    action: 'affiant.clock.jumped',
    operation: 'other',
    category: 'system',
    message: `the clock moved ${offset > 0 ? 'forward' : 'back'} by ${Math.abs(offset)} ms`,
    metadata: {
      from: new Date(expected).toISOString(),
      to: new Date(found).toISOString(),
      offset_ms: offset,
      while: when,
    },
  }
}
