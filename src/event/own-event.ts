/** The agent's own events: what it did, in the same schema and the same journal as everything else. */
import type { AuditEvent } from './audit-event.ts'
import type { EncodedBatch } from './batch.ts'
import { canonicalize } from './canonical.ts'
import { generationWords, recordId } from './id.ts'
import { formatTime } from './time.ts'
import { type Category, type Operation, type OutcomeResult, schemaName } from './vocabulary.ts'

export interface OwnEvent {
  readonly agent: { readonly id: string; readonly version: string }
  /** 32 hex digits, made anew at each start: the stream of own events. */
  readonly run: string
  /** Place in that stream, dense from 0: with `run`, what the event's id is made of. */
  readonly index: number
  /** Unix milliseconds. */
  readonly now: number
  /** `affiant.agent.started`, `affiant.stream.opened` … */
  readonly action: string
  readonly operation: Operation
  /** @default audit: it is about the trail itself */
  readonly category?: Category
  /** @default success */
  readonly outcome?: { readonly result: OutcomeResult; readonly reason?: string }
  readonly targets?: NonNullable<AuditEvent['targets']>
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly message?: string
  /** OpenTelemetry's severity number. @default none */
  readonly severity?: number
}

export function ownEvent(own: OwnEvent): AuditEvent {
  const time = formatTime(own.now)
  return {
    action: own.action,
    actor: { id: own.agent.id, name: 'affiant', type: 'service' },
    attribution: { complete: true },
    category: own.category ?? 'audit',
    id: recordId(generationWords(own.run), own.index, 0, 0),
    ...(own.message === undefined ? {} : { message: own.message }),
    ...(own.metadata === undefined ? {} : { metadata: { ...own.metadata } }),
    observed_time: time,
    operation: own.operation,
    outcome: { ...(own.outcome ?? { result: 'success' }) },
    producer: { product: 'affiant', vendor: 'affiant', version: own.agent.version },
    provenance: { agent: own.agent.id, index: own.index, receiver: 'affiant', stream: own.run },
    quality: { parse: 'ok' },
    schema: schemaName,
    scope: [],
    ...(own.severity === undefined ? {} : { severity: own.severity }),
    ...(own.targets === undefined || own.targets.length === 0 ? {} : { targets: [...own.targets] }),
    time,
    time_source: 'event',
  }
}

/** Decides which routes an event matches: sets bits in its words (see `EncodedBatch.routes`). */
export interface EventRoutes {
  readonly words: number
  match(event: AuditEvent, bits: Uint32Array): void
}

/**
 * Events as a batch for the journal, in canonical bytes, without `raw_data`. For few events: the path of records
 * has an encoder of its own. `observed` is in unix milliseconds.
 */
export function encodeEvents(
  events: readonly AuditEvent[],
  observed: number,
  routes: EventRoutes,
): EncodedBatch {
  const texts = events.map((event) => canonicalize(event))
  const bits = new Uint32Array(events.length * routes.words)
  events.forEach((event, i) => {
    routes.match(event, bits.subarray(i * routes.words, (i + 1) * routes.words))
  })
  return {
    count: events.length,
    payload: Buffer.from(texts.map((text) => `${text}\n`).join('')),
    lengths: Uint32Array.from(texts, (text) => Buffer.byteLength(text)),
    raw: new Uint8Array(0),
    rawLengths: new Uint32Array(events.length),
    routes: bits,
    routeWords: routes.words,
    observedMin: observed,
    observedMax: observed,
  }
}
