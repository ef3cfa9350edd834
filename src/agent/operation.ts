/** What a command can ask for, of the agent that runs or of its own process, and what it hears meanwhile. */
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { DeliveryNotice } from '../delivery/condition.ts'
import type { DeadLetters } from '../delivery/dead-letters.ts'
import type { DeliveryOptions } from '../delivery/delivery.ts'
import type { Journal } from '../journal/contract.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { SinkConfig } from './component-configs.ts'
import { errorMessage } from './control-error.ts'
import type { OwnLog } from './own-log.ts'
import type { RoutesInUse } from './routes-in-use.ts'

const seq = z.int().min(0)

export const requester = z.strictObject({
  user: z.string().max(256),
  uid: z.int(),
  /** Where it went through sudo. */
  sudo_user: z.string().max(256).exactOptional(),
})

/** Who asked, as the command says. Who may write the data directory may ask. */
export type Requester = z.output<typeof requester>

/** `id`: the command's, so that it can end what it asked for before it has heard of it. */
const common = { id: z.uuid(), sink: z.string().max(256), requested_by: requester }

/** Seqs, both included. */
export const operationRequest = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('replay'),
    ...common,
    from: seq,
    /** Null: the newest that is committed. */
    to: seq.nullable(),
    /** Goes on where part of the range is gone. */
    available: z.boolean(),
  }),
  z.strictObject({
    operation: z.literal('dlq_replay'),
    ...common,
    from: seq.nullable(),
    to: seq.nullable(),
  }),
  z.strictObject({
    operation: z.literal('dlq_purge'),
    ...common,
    from: seq.nullable(),
    to: seq.nullable(),
  }),
])

/** Of `POST /reload`. */
export const reloadRequest = z.strictObject({ requested_by: requester })

export type OperationRequest = z.output<typeof operationRequest>
export type RequestOf<Name extends OperationRequest['operation']> = Extract<
  OperationRequest,
  { operation: Name }
>

const seqRange = z.strictObject({ first_seq: z.int(), last_seq: z.int() })

/** One line of JSON each. */
export const operationMessage = z.discriminatedUnion('kind', [
  /** What there is to do. `from` and `to` are null where there is nothing. */
  z.strictObject({
    kind: z.literal('begun'),
    id: z.string(),
    events: z.int(),
    from: z.int().nullable(),
    to: z.int().nullable(),
    missing: z.array(seqRange),
  }),
  z.strictObject({
    kind: z.literal('progress'),
    accepted: z.int(),
    /** Became dead letters, or stay ones. */
    refused: z.int(),
    /** Why it waits; null while it goes on. */
    waiting: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('end'),
    /** `ended`: the command was; `given_up`: the destination refuses everything. */
    outcome: z.enum(['done', 'ended', 'given_up']),
    events: z.int(),
    accepted: z.int(),
    refused: z.int(),
    /** Purged. */
    removed: z.int(),
    /** Everything of the range below is done; null where that says nothing. */
    settled_seq: z.int().nullable(),
    missing: z.array(seqRange),
    reason: z.string().nullable(),
  }),
  errorMessage,
])

export type OperationMessage = z.output<typeof operationMessage>
type BegunMessage = Extract<OperationMessage, { kind: 'begun' }>
export type ProgressMessage = Extract<OperationMessage, { kind: 'progress' }>
export type EndMessage = Extract<OperationMessage, { kind: 'end' }>

/** A sink that operations may use: started, and stopped by somebody else. */
export interface OpenSink {
  readonly sink: Sink
  readonly config: SinkConfig
  readonly deadLetters: DeadLetters
}

/** What operations work on. */
export interface OperationHost {
  readonly dataDir: string
  readonly journal: Pick<Journal, 'origin' | 'read' | 'durableSeq'>
  readonly routes: Pick<RoutesInUse, 'table'>
  readonly withhold: DeliveryOptions['withhold']
  /** Names of all sinks of the configuration. */
  readonly configured: readonly string[]
  /** Those that can be used. */
  readonly sinks: ReadonlyMap<string, OpenSink>
  readonly ownLog: Pick<OwnLog, 'write'>
  readonly notify: (notice: DeliveryNotice) => void
  readonly metrics: Pick<Metrics, 'eventsReplayed'>
  readonly clock: Clock
  readonly log: Log
}

/** One that is under way. */
export interface OperationContext {
  readonly host: OperationHost
  readonly id: string
  readonly begun: (message: Omit<BegunMessage, 'kind' | 'id'>) => void
  /** How far it is is read from here until it has ended. */
  readonly watch: (progress: () => Omit<ProgressMessage, 'kind'>) => void
  /** Ends it: what has been sent is sent. */
  readonly signal: AbortSignal
}
