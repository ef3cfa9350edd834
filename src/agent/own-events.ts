/** The agent's own events, numbered within this run. They go to the routes that name no receiver, or `affiant`. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { EncodedBatch } from '../event/batch.ts'
import { type EventRoutes, encodeEvents, ownEvent } from '../event/own-event.ts'
import type { StreamContext } from '../event/record.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface OwnEvents {
  /** `affiant.stream.opened`: says once what is constant for a stream, so that its events need not. */
  streamOpened(stream: StreamContext, metadata: Readonly<Record<string, unknown>>): EncodedBatch
}

export interface OwnEventsOptions {
  readonly agent: { readonly id: string; readonly version: string }
  readonly configHash: string
  readonly routes: EventRoutes
  readonly clock: Clock
  readonly metrics: Metrics
}

export function createOwnEvents({ agent, configHash, routes, clock, metrics }: OwnEventsOptions): OwnEvents {
  const run = randomBytes(16).toString('hex')
  let index = 0
  return {
    streamOpened(stream, metadata) {
      const action = 'affiant.stream.opened'
      const now = clock.now()
      const event = ownEvent({
        agent,
        run,
        index: index++,
        now,
        action,
        operation: 'create',
        targets: [{ id: stream.id, type: 'stream' }],
        metadata: {
          ...metadata,
          agent_version: agent.version,
          config_sha256: configHash,
          receiver: stream.receiver,
        },
      })
      metrics.ownEvents.inc({ action })
      return encodeEvents([event], now, routes)
    },
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
