/**
 * From records to encoded events, compiled once per receiver. Every record becomes at least one event, is skipped by
 * `select`, or is dropped by a route that says so; an exception while one is mapped makes that one unreadable and
 * spoils nothing around it.
 */
import { isUtf8 } from 'node:buffer'
import { compileCompleteness } from '../attribution/completeness.ts'
import { compileCondition } from '../cel/condition.ts'
import { asError } from '../errors.ts'
import { generationWords, producerId, producerUuid, recordId, recordIds } from '../event/id.ts'
import type { DecodedRecord, LineChunk, RecordChunk } from '../event/record.ts'
import { formatTime } from '../event/time.ts'
import { timeOrderedIds } from '../event/time-ordered-id.ts'
import { compileRoutes, kept } from '../routing/decide.ts'
import { BatchEncoder } from './batch-encoder.ts'
import { compileMapping } from './compile/compile-mapping.ts'
import { createFreeForm } from './compile/free-form.ts'
import { createState, type EventDraft, type Explained, resetState } from './compile/state.ts'
import { readMapping } from './compile-spec.ts'
import type { NormalisedBatch, Normaliser, NormaliserSpec } from './contract.ts'
import { decodeJson } from './decode/json.ts'
import { type LineText, lineChecksums, lineTexts, splitLines } from './decode/lines.ts'
import { EventWriter } from './event-writer.ts'
import { oversizeRawRecord, type RawRecord, rawRecord } from './raw-record.ts'
import { recordsIn } from './several-records.ts'
import { lineFacts } from './stencil/stencil.ts'
import { Stencils } from './stencil/stencils.ts'
import { unreadableEvent } from './unreadable.ts'

export interface InlineNormaliser extends Normaliser {
  lines(chunk: LineChunk): NormalisedBatch
  records(chunk: RecordChunk): NormalisedBatch
  /** Which path of a record fed which member; of a record that holds several, the first. */
  explain(record: object): readonly Explained[]
  /** Lines that took the short way (stencil/stencils.ts). */
  readonly served: number
}

export interface NormaliserOptions {
  /** False: every line takes the general way. @default true */
  readonly stencils?: boolean
}

type Value = Readonly<Record<string, unknown>>

/** One record on its way: where it came from, and what only its source knows. */
interface Origin {
  /** The id by position or producer; absent where the event must find its own. */
  id(subIndex: number, event: EventDraft): string
  raw(): Uint8Array
  readonly warnings: readonly string[]
}

const ok = Object.freeze({ parse: 'ok' as const })

/** @throws AffiantError for a mapping that is wrong, CelError for a condition that is */
export function compileNormaliser(spec: NormaliserSpec, options: NormaliserOptions = {}): InlineNormaliser {
  const mapping = readMapping(spec.mapping)
  const state = createState()
  const free = createFreeForm(spec.redact, state)
  const mappingOptions = {
    zone: spec.zone,
    redacted: (key: string) => free.redactionOf?.(key) !== undefined,
    product: spec.receiver,
  }
  const map = compileMapping(mapping, state, free, { ...mappingOptions, explains: false })
  const completeness = compileCompleteness(spec.require)
  const select = spec.select === undefined ? undefined : compileCondition(spec.select, { record: true })
  const routes = compileRoutes(spec.routes, spec.receiver)
  const nextId = timeOrderedIds()
  const stencils =
    options.stencils === false ||
    select !== undefined ||
    routes.constant?.dropped !== kept ||
    spec.raw !== 'none'
      ? undefined
      : Stencils.for(
          mapping,
          spec.zone,
          lazily(() => compileNormaliser(spec, { stencils: false })),
        )
  const writer = new EventWriter()
  const agent = spec.agent.id
  const { receiver } = spec

  /** Adds one event: everything that is known only after the mapping. Counts only once nothing can throw. */
  function add(batch: BatchEncoder, event: EventDraft, origin: Origin, subIndex: number): void {
    const failed = event.quality !== undefined
    event.id = origin.id(subIndex, event)
    if (!failed) {
      if (origin.warnings.length > 0) state.warnings = [...origin.warnings, ...(state.warnings ?? [])]
      event.quality = state.warnings === undefined ? ok : { parse: 'ok', warnings: state.warnings }
    }
    event.attribution = completeness(event)
    event.redactions = state.redactions
    const raw = rawOf(failed, origin, subIndex)
    event.raw = raw?.member
    addEvent(batch, event, raw, failed)
  }

  function addEvent(
    batch: BatchEncoder,
    event: EventDraft,
    raw: RawRecord | undefined,
    failed: boolean,
  ): void {
    const dropped = routes.constant === undefined ? routes.decide(event, batch.bits, 0) : constantRoute(batch)
    if (dropped !== kept) {
      batch.records++
      batch.dropped[dropped] = (batch.dropped[dropped] ?? 0) + 1
      return
    }
    batch.add(event, state.unsafe, raw?.data)
    batch.records++
    if (failed) batch.unparsed++
    if (event.attribution?.complete === false) batch.incomplete++
  }

  function constantRoute(batch: BatchEncoder): number {
    batch.bits.set(routes.constant!.bits)
    return routes.constant!.dropped
  }

  /** Of a line that holds several records the first one keeps it. */
  function rawOf(failed: boolean, origin: Origin, subIndex: number): RawRecord | undefined {
    if (spec.raw === 'none' && !failed) return undefined
    if (subIndex > 0 && !failed) return undefined
    return rawRecord(origin.raw(), failed || spec.raw === 'full' ? 'full' : 'hash')
  }

  /** Every event of one decoded record. */
  function addRecord(
    batch: BatchEncoder,
    record: Value,
    origin: Origin,
    provenance: (index: number | undefined) => EventDraft['provenance'],
  ): void {
    const several = mapping.records === undefined ? undefined : recordsIn(record, mapping.records)
    if (several === undefined) {
      addMapped(batch, record, origin, provenance(undefined), 0)
      return
    }
    const { envelope } = several
    for (const [index, item] of several.items.entries()) {
      addMapped(batch, item, origin, provenance(index), index, index === 0 ? envelope : undefined)
    }
  }

  function addMapped(
    batch: BatchEncoder,
    record: Value,
    origin: Origin,
    provenance: EventDraft['provenance'],
    subIndex: number,
    envelope?: Value,
  ): void {
    resetState(state)
    state.provenance = provenance
    try {
      if (select !== undefined && !select({ record })) {
        batch.records++
        batch.skipped++
        return
      }
      const event = map(record)
      if (envelope !== undefined) {
        const kept = { envelope: free.value(envelope, 'metadata.envelope'), ...event.metadata }
        event.metadata = Object.fromEntries(Object.entries(kept).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      }
      add(batch, event, origin, subIndex)
    } catch (thrown) {
      addUnreadable(
        batch,
        origin,
        provenance,
        `the record could not be mapped: ${asError(thrown).message}`,
        subIndex,
      )
    }
  }

  function addUnreadable(
    batch: BatchEncoder,
    origin: Origin,
    provenance: EventDraft['provenance'],
    reason: string,
    subIndex = 0,
  ): void {
    resetState(state)
    state.provenance = provenance
    add(batch, unreadableEvent(state, receiver, reason), origin, subIndex)
  }

  function begin(observed: number): BatchEncoder {
    state.observed = observed
    state.observedTime = formatTime(observed)
    return new BatchEncoder(writer, routes.words, spec.routes.length)
  }

  function lines(chunk: LineChunk): NormalisedBatch {
    const batch = begin(chunk.observed)
    const stream = chunk.stream.id
    const generation = generationWords(stream)
    if (chunk.oversize !== undefined) return oversize(batch, chunk, chunk.oversize, generation)
    const found = splitLines(chunk.bytes, chunk.offset === 0)
    const { count, starts, ends } = found
    const checksums = lineChecksums(chunk.bytes, found)
    // Not decoded before the first line that needs it.
    let decoder: LineText | undefined
    const ids = recordIds(generation, chunk.offset, starts, checksums)
    const stencilled = stencils !== undefined && isUtf8(chunk.bytes) ? stencils : undefined
    const facts = lineFacts(chunk, ids, state.observedTime)
    for (let i = 0; i < count; i++) {
      const start = starts[i]!
      const offset = chunk.offset + start
      const length = ends[i]! - start
      if (stencilled !== undefined) {
        facts.start = start
        facts.length = length
        facts.idAt = 36 * i
        facts.offset = offset
        const from = writer.at
        const stencil = stencilled.write(facts, writer)
        if (stencil !== undefined) {
          constantRoute(batch)
          batch.addWritten(from)
          batch.records++
          if (stencil.incomplete) batch.incomplete++
          continue
        }
      }
      const position = (index: number | undefined): EventDraft['provenance'] =>
        index === undefined
          ? { agent, length, offset, receiver, stream }
          : { agent, index, length, offset, receiver, stream }
      const origin: Origin = {
        warnings: none,
        raw: () => chunk.bytes.subarray(start, ends[i]),
        id: (subIndex, event) => {
          if (event.source_event_id !== undefined) return ownId(event)
          if (subIndex === 0) return ids.substring(36 * i, 36 * i + 36)
          return recordId(generation, offset, checksums[i]!, subIndex)
        },
      }
      decoder ??= lineTexts(chunk.bytes, found)
      const text = decoder(i)
      if (text === undefined) {
        addUnreadable(batch, origin, position(undefined), 'the line is not UTF-8')
      } else if (mapping.decode === 'plain') {
        addRecord(batch, { message: text }, origin, position)
      } else {
        const decoded = decodeJson(text)
        if (!decoded.ok) addUnreadable(batch, origin, position(undefined), decoded.reason)
        else {
          const warned = decoded.warnings.length === 0 ? origin : { ...origin, warnings: decoded.warnings }
          addRecord(batch, decoded.value, warned, position)
          stencilled?.learn(facts)
        }
      }
    }
    return batch.finish(chunk.observed)
  }

  function oversize(
    batch: BatchEncoder,
    chunk: LineChunk,
    whole: { size: number; sha256: string },
    generation: Uint32Array,
  ): NormalisedBatch {
    resetState(state)
    state.provenance = { agent, length: whole.size, offset: chunk.offset, receiver, stream: chunk.stream.id }
    const event = unreadableEvent(state, receiver, `the record is over the size limit: ${whole.size} bytes`)
    const raw = oversizeRawRecord(chunk.bytes, whole)
    const checksum = Number.parseInt(whole.sha256.slice(0, 8), 16)
    event.id = recordId(generation, chunk.offset, checksum, 0)
    event.raw = raw.member
    event.attribution = completeness(event)
    addEvent(batch, event, raw, true)
    return batch.finish(chunk.observed)
  }

  function records(chunk: RecordChunk): NormalisedBatch {
    const batch = begin(chunk.observed)
    const stream = chunk.stream.id
    const { peer } = chunk
    for (const [i, record] of chunk.records.entries()) {
      const index = chunk.index + i
      const provenance = () =>
        peer === undefined
          ? { agent, index, receiver, stream }
          : { agent, index, peer: peerOf(peer), receiver, stream }
      const origin: Origin = {
        warnings: record.warnings ?? none,
        raw: () => Buffer.from(JSON.stringify(record.value)),
        id: (subIndex, event) => givenId(record, subIndex) ?? ownId(event),
      }
      addRecord(batch, record.value, origin, provenance)
    }
    return batch.finish(chunk.observed)
  }

  /** Of a preset that knows its producer's ids, else by time. */
  function ownId(event: EventDraft): string {
    if (event.source_event_id === undefined) return nextId(state.observed)
    const product = event.producer?.product ?? receiver
    return producerId(product, event.source_event_id)
  }

  let explaining: ReturnType<typeof compileMapping> | undefined
  return {
    lines,
    records,
    get served() {
      return stencils?.served ?? 0
    },
    explain(record) {
      explaining ??= compileMapping(mapping, state, free, { ...mappingOptions, explains: true })
      resetState(state)
      state.explained = []
      const several = mapping.records === undefined ? undefined : recordsIn(record, mapping.records)
      explaining(several?.items[0] ?? record)
      return state.explained
    },
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

const none: readonly string[] = Object.freeze([])

/** What the protocol says the id is. */
function givenId({ id }: DecodedRecord, subIndex: number): string | undefined {
  if (id === undefined || subIndex > 0) return undefined
  return 'uuid' in id ? producerUuid(id.uuid) : producerId(id.producer, id.uid)
}

function peerOf(peer: NonNullable<RecordChunk['peer']>) {
  return {
    ...(peer.auth_id === undefined ? {} : { auth_id: peer.auth_id }),
    ...(peer.ip === undefined ? {} : { ip: peer.ip }),
  }
}
