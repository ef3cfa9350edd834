/**
 * From one decoded record to its events in a batch. Every record becomes at least one event, is skipped by `select`, or
 * is dropped by a route that says so; an exception while one is mapped makes that one unreadable and spoils nothing
 * around it.
 */

import { compileCompleteness } from '../attribution/completeness.ts'
import type { Enrichment } from '../attribution/enrich/enrichment.ts'
import { createKeyedHash } from '../attribution/keyed-hash.ts'
import { createRedactor } from '../attribution/redact/redactor.ts'
import { compileCondition } from '../cel/condition.ts'
import { asError } from '../errors.ts'
import { producerId } from '../event/id.ts'
import { formatTime } from '../event/time.ts'
import { timeOrderedIds } from '../event/time-ordered-id.ts'
import { compileRoutes, kept } from '../routing/decide.ts'
import { eventVariables } from '../routing/event-variables.ts'
import { BatchEncoder } from './batch-encoder.ts'
import { aheadOfReading, latestTime } from './clock-skew.ts'
import { compileMapping } from './compile/compile-mapping.ts'
import { createFreeForm } from './compile/free-form.ts'
import { createState, type EventDraft, type Explained, resetState } from './compile/state.ts'
import { addContainerFacts } from './container-facts.ts'
import type { NormaliserSpec } from './contract.ts'
import { EventWriter } from './event-writer.ts'
import { createExpander } from './expand.ts'
import type { Mapping } from './mapping/mapping.ts'
import { noWarnings, type Origin } from './origin.ts'
import { RawKept } from './raw-kept.ts'
import { oversizeRawRecord, type RawRecord, rawRecord } from './raw-record.ts'
import { findRecords } from './several-records.ts'
import { sortedMembers } from './sorted-members.ts'
import { createUnlikeCheck } from './unlike.ts'
import { unreadableEvent } from './unreadable.ts'

type Value = Readonly<Record<string, unknown>>

/** A record over the size limit: its head, with size and hash of the whole, and the id that is made of them. */
export interface OversizeRecord {
  readonly head: Uint8Array
  readonly whole: { readonly size: number; readonly sha256: string }
  readonly origin: Origin
}

/** An event that was written by copying (stencil/). */
export interface Stencilled {
  /** Where it begins in what `writer` has written. */
  readonly from: number
  readonly incomplete: boolean
}

/** Writes records without mapping them, where it can. */
export interface ShortWay {
  write(record: object, index: number | undefined): Stencilled | undefined
  /** Told after the general way, where `write` could not. */
  learn(): void
}

export type EventMaker = ReturnType<typeof createEventMaker>

/** Of a record in its line or message. */
interface Place {
  /** Set for one of several. */
  readonly index: number | undefined
  /** Of all that are in it, it keeps what they share. */
  readonly isFirst: boolean
}

const ok = Object.freeze({ parse: 'ok' as const })
const alone: Place = { index: undefined, isFirst: true }

/** @throws AffiantError for a mapping that is wrong, CelError for a condition that is */
export function createEventMaker(spec: NormaliserSpec, mapping: Mapping, enrichment: Enrichment | undefined) {
  const state = createState()
  const hash = createKeyedHash(spec.hashKeys)
  const free = createFreeForm(spec.redact, state, hash)
  const redactor = createRedactor({
    rules: spec.redact,
    hash,
    compileWhen: (source) => compileCondition(source, eventVariables),
    notes: state.notes,
    unordered: () => {
      state.unsafe = true
    },
  })
  const rawKept = new RawKept(redactor)
  const mappingOptions = {
    zone: spec.zone,
    redacted: (key: string) => free.redactionOf?.(key) !== undefined,
    product: spec.receiver,
  }
  const map = compileMapping(mapping, state, free, { ...mappingOptions, explains: false })
  const expand = createExpander(mapping.expand, mappingOptions.redacted)
  const completeness = compileCompleteness(spec.onMissing === 'accept' ? {} : spec.require)
  const select = spec.select === undefined ? undefined : compileCondition(spec.select, { record: true })
  const routes = compileRoutes(spec.routes, spec.receiver)
  const nextId = timeOrderedIds()
  const writer = new EventWriter()
  const { receiver } = spec
  const unlike = createUnlikeCheck(spec, mapping)
  /** What the record under way was found in. */
  let whole: unknown
  /** Whether lines like this one have events like this one. */
  let isLearnable = true
  /** What the record under way lacks, as far as that is known. */
  let lacking: readonly string[] | undefined
  let explaining: typeof map | undefined

  /** Adds one event: everything that is known only after the mapping. Counts only once nothing can throw. */
  function add(batch: BatchEncoder, event: EventDraft, origin: Origin, { index, isFirst }: Place): void {
    const failed = event.quality !== undefined
    event.id = origin.id(index ?? 0, event) ?? ownId(event)
    if (origin.container !== undefined) {
      const warning = addContainerFacts(event, origin.container)
      if (warning !== undefined) state.warnings = [...(state.warnings ?? noWarnings), warning]
    }
    if (event.time_source !== 'observed' && event.time !== undefined && event.time > state.latestTime) {
      state.warnings = [...(state.warnings ?? noWarnings), aheadOfReading]
    }
    if (!failed) {
      if (origin.warnings.length > 0) state.warnings = [...origin.warnings, ...(state.warnings ?? [])]
      const { warnings } = state
      const parse = origin.partial ? 'partial' : 'ok'
      event.quality = warnings === undefined ? (origin.partial ? { parse } : ok) : { parse, warnings }
    } else if (origin.warnings.length > 0) {
      event.quality = { parse: 'failed', warnings: [...(event.quality?.warnings ?? []), ...origin.warnings] }
    }
    redactor.event(event, attribute(event, origin))
    const raw = rawOf(failed || origin.partial === true, origin, isFirst)
    event.raw = raw?.member
    addEvent(batch, event, raw, failed)
  }

  /** What others know is added first: it may be what is missing. Returns secrets that they found. */
  function attribute(event: EventDraft, origin: Origin): readonly string[] | undefined {
    const added = enrichment?.apply(event, origin.stream)
    if (added?.warnings !== undefined) {
      const { parse = 'ok', warnings = [] } = event.quality ?? {}
      event.quality = { parse, warnings: [...warnings, ...added.warnings] }
    }
    const attribution = completeness(event)
    if (added?.enriched === undefined && added?.conflicts === undefined) {
      event.attribution = attribution
      return added?.secrets
    }
    const { complete, missing } = attribution
    event.attribution = {
      complete,
      ...(added.conflicts === undefined ? {} : { conflicts: added.conflicts }),
      ...(added.enriched === undefined ? {} : { enriched: added.enriched }),
      ...(missing === undefined ? {} : { missing }),
    }
    return added.secrets
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
    batch.add(event, state.unsafe)
    if (raw?.data !== undefined) rawKept.add(batch.count - 1, raw.data, failed)
    batch.records++
    if (failed) batch.unparsed++
    if (event.attribution?.complete === false) {
      batch.incomplete++
      lacking ??= event.attribution.missing
    }
  }

  function constantRoute(batch: BatchEncoder): number {
    batch.bits.set(routes.constant!.bits)
    return routes.constant!.dropped
  }

  /** Of a line that holds several records the first one keeps it. */
  function rawOf(unsure: boolean, origin: Origin, isFirst: boolean): RawRecord | undefined {
    if (spec.raw === 'none' && !unsure) return undefined
    if (!isFirst && !unsure) return undefined
    return rawRecord(origin.raw(), unsure || spec.raw === 'full' ? 'full' : 'hash')
  }

  /** Of a preset that knows its producer's ids, else by time. */
  function ownId(event: EventDraft): string {
    if (event.source_event_id === undefined) return nextId(state.observed)
    const product = event.producer?.product ?? receiver
    return producerId(product, event.source_event_id)
  }

  /** Counts an event that a stencil has written. */
  function addStencilled(batch: BatchEncoder, { from, incomplete }: Stencilled): void {
    constantRoute(batch)
    batch.addWritten(from)
    batch.records++
    if (incomplete) batch.incomplete++
  }

  /** Every event of one decoded record, or of a list of them; behind them those of what in it is none. */
  function addRecord(
    batch: BatchEncoder,
    decoded: Value | readonly unknown[],
    origin: Origin,
    short?: ShortWay,
  ): void {
    let isBegun = false
    let isFirst = true
    whole = decoded
    const { records, faults } = findRecords(decoded, mapping.records, expand)
    for (const { record, index, envelope, warnings } of records) {
      const isPlain = short !== undefined && warnings.length === 0 && envelope === undefined
      const stencil = isPlain ? short.write(record, index) : undefined
      if (stencil !== undefined) addStencilled(batch, stencil)
      else {
        if (!isBegun) redactor.begin()
        isBegun = true
        const told =
          warnings.length === 0 ? origin : { ...origin, warnings: [...origin.warnings, ...warnings] }
        const beside = isFirst ? around(origin, envelope) : envelope
        addMapped(batch, record, told, { index, isFirst }, beside)
        if (isPlain && isLearnable) short.learn()
      }
      isFirst = false
    }
    if (isBegun) rawKept.flush(batch)
    for (const { element, index, reason } of faults) {
      // A record's text of its own: what others of the line have lost is not looked for in it.
      redactor.begin()
      const apart = { ...origin, raw: () => Buffer.from(JSON.stringify(element)) }
      unreadable(batch, apart, origin.provenance(index), reason, { index, isFirst: false })
      rawKept.flush(batch)
    }
  }

  /** Before each event. */
  function begin(provenance: EventDraft['provenance']): void {
    resetState(state)
    redactor.beginEvent()
    state.provenance = provenance
  }

  /** What stood around the record, and around the list that it was the first of. */
  function around({ envelope }: Origin, inner: Value | undefined): Value | undefined {
    return envelope === undefined || inner === undefined ? (envelope ?? inner) : { ...inner, ...envelope }
  }

  function addMapped(
    batch: BatchEncoder,
    record: Value,
    origin: Origin,
    place: Place,
    envelope?: Value,
  ): void {
    const provenance = origin.provenance(place.index)
    begin(provenance)
    isLearnable = true
    try {
      if (select !== undefined && !select({ record })) {
        batch.records++
        batch.skipped++
        return
      }
      const event = map(redactor.record(record))
      if (unlike !== undefined && event.action === 'unknown') lookAgain(unlike, record, origin)
      if (envelope !== undefined) {
        event.metadata = sortedMembers({
          envelope: free.value(redactor.record(envelope), 'metadata.envelope'),
          ...event.metadata,
        })
      }
      add(batch, event, origin, place)
    } catch (thrown) {
      const reason = `the record could not be mapped: ${asError(thrown).message}`
      unreadable(batch, origin, provenance, reason, place)
    }
  }

  /** At a record of which the mapping made nothing. */
  function lookAgain(check: NonNullable<typeof unlike>, record: Value, origin: Origin): void {
    if (check.isSure(whole, record)) return
    isLearnable = false
    const warning = check.warning(() => Buffer.from(origin.raw()).toString(), whole, record)
    if (warning !== undefined) state.warnings = [...(state.warnings ?? noWarnings), warning]
  }

  function unreadable(
    batch: BatchEncoder,
    origin: Origin,
    provenance: EventDraft['provenance'],
    reason: string,
    place: Place,
  ): void {
    begin(provenance)
    add(batch, unreadableEvent(state, receiver, reason), origin, place)
  }

  return {
    /** What the batch under way is written with: by this, and by stencils. */
    writer,
    /** Whether every event of this receiver has the same route bits, and stays. */
    routesAreConstant: routes.constant?.dropped === kept,
    /** Whether a stencil may be cut of the line that was added last. */
    get isLearnable(): boolean {
      return isLearnable
    },
    addStencilled,
    addRecord,

    /** Nothing of what `add` adds stays in the batch where an event of it lacks something: returns what that is. */
    addOrReject(batch: BatchEncoder, add: () => void): readonly string[] | undefined {
      lacking = undefined
      const takeOut = batch.mark()
      add()
      if (lacking === undefined) return undefined
      takeOut()
      batch.records++
      return lacking
    },

    /** `observed` in unix milliseconds; returns it as events write it, too. */
    begin(observed: number): { readonly batch: BatchEncoder; readonly observedTime: string } {
      state.observed = observed
      state.observedTime = formatTime(observed)
      state.latestTime = latestTime(observed)
      const batch = new BatchEncoder(writer, routes.words, spec.routes.length)
      return { batch, observedTime: state.observedTime }
    },

    /** Counts a line that is no record. */
    skip(batch: BatchEncoder): void {
      batch.records++
      batch.skipped++
    },
    addUnreadable(batch: BatchEncoder, origin: Origin, reason: string): void {
      redactor.begin()
      unreadable(batch, origin, origin.provenance(undefined), reason, alone)
      rawKept.flush(batch)
    },

    addOversize(batch: BatchEncoder, { head, whole, origin }: OversizeRecord): void {
      redactor.begin()
      begin(origin.provenance(undefined))
      const event = unreadableEvent(state, receiver, `the record is over the size limit: ${whole.size} bytes`)
      if (origin.container !== undefined) addContainerFacts(event, origin.container)
      const raw = oversizeRawRecord(head, whole)
      event.id = origin.id(0, event)
      event.raw = raw.member
      redactor.event(event, attribute(event, origin))
      addEvent(batch, event, raw, true)
      rawKept.flush(batch)
    },

    /** Which path of a record fed which member. */
    explain(decoded: Value | readonly unknown[]): readonly Explained[] {
      explaining ??= compileMapping(mapping, state, free, { ...mappingOptions, explains: true })
      redactor.begin()
      begin(undefined)
      state.explained = []
      const [first] = findRecords(decoded, mapping.records, expand).records
      if (first !== undefined) explaining(first.record)
      return state.explained
    },
  }
}
