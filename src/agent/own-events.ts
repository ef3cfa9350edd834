/** The agent's own events, numbered within this run. They go to the routes that name no receiver, or `affiant`. */
import type { Clock } from '../clock.ts'
import type { EncodedBatch } from '../event/batch.ts'
import { encodeEvents, type OwnEvent, ownEvent } from '../event/own-event.ts'
import type { StreamContext } from '../event/record.ts'
import type { StreamNote } from '../receivers/receiver.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RoutedBatch, RoutesInUse } from './routes-in-use.ts'

export interface OwnEvents {
  /** `affiant.stream.gap`, `affiant.stream.closed`. */
  streamNote(stream: StreamContext, note: StreamNote): RoutedBatch<EncodedBatch>
  /** `affiant.stream.opened`: says once what is constant for a stream, so that its events need not. */
  streamOpened(stream: StreamContext, metadata: Readonly<Record<string, unknown>>): RoutedBatch<EncodedBatch>
  /** Any other. Its place in this run is that of the call, and its time too unless `at` (unix milliseconds) is given. */
  encode(draft: OwnEventDraft, at?: number): RoutedBatch<EncodedBatch>
}

/** What happened; who, when and where is added. */
export type OwnEventDraft = Omit<OwnEvent, 'agent' | 'run' | 'index' | 'now'>

export interface OwnEventsOptions {
  /** 32 hex digits, made anew at each start. */
  readonly run: string
  readonly agent: { readonly id: string; readonly version: string }
  /** Of the configuration that runs. */
  readonly configHash: () => string
  readonly routes: Pick<RoutesInUse, 'batch'>
  readonly clock: Clock
  readonly metrics: Metrics
}

export function createOwnEvents(options: OwnEventsOptions): OwnEvents {
  const { run, agent, configHash, routes, clock, metrics } = options
  let index = 0
  function encode(draft: OwnEventDraft, now = clock.now()): RoutedBatch<EncodedBatch> {
    const event = ownEvent({ ...draft, agent, run, index: index++, now })
    metrics.ownEvents.inc({ action: draft.action })
    return routes.batch(({ ownEvents }) => encodeEvents([event], now, ownEvents))
  }
  const targetsOf = ({ id }: StreamContext) => [{ id, type: 'stream' }]
  return {
    encode,
    streamOpened: (stream, metadata) =>
      encode({
        action: 'affiant.stream.opened',
        operation: 'create',
        targets: targetsOf(stream),
        metadata: {
          ...metadata,
          agent_version: agent.version,
          config_sha256: configHash(),
          receiver: stream.receiver,
        },
      }),
    streamNote: (stream, { action, message, metadata }) =>
      encode({
        action,
        operation: 'other',
        ...(action === 'affiant.stream.gap' && { outcome: { result: 'failure' } }),
        targets: targetsOf(stream),
        message,
        metadata: { ...metadata, receiver: stream.receiver },
      }),
  }
}

/** No events: for blocks that only move a position. */
export const emptyBatch: EncodedBatch = {
  count: 0,
  payload: new Uint8Array(0),
  lengths: new Uint32Array(0),
  raw: new Uint8Array(0),
  rawLengths: new Uint32Array(0),
  routes: new Uint32Array(0),
  routeWords: 1,
  observedMin: 0,
  observedMax: 0,
}
