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
import { formatTime } from '../event/time.ts'
import { timeOrderedIds } from '../event/time-ordered-id.ts'
import { eventVariables } from '../routing/event-variables.ts'
import type { SizedPool } from '../sized-pool.ts'
import { createAttribute } from './attribute.ts'
import type { BatchEncoder } from './batch-encoder.ts'
import { BatchEvents } from './batch-events.ts'
import { latestTime } from './clock-skew.ts'
import { compileMapping } from './compile/compile-mapping.ts'
import { createFreeForm } from './compile/free-form.ts'
import { createState, type EventDraft, type Explained, resetState } from './compile/state.ts'
import { addContainerFacts } from './container-facts.ts'
import type { NormaliserSpec } from './contract.ts'
import { createExpander } from './expand.ts'
import { createFinishEvent, type Place } from './finish-event.ts'
import type { Mapping } from './mapping/mapping.ts'
import type { Origin } from './origin.ts'
import { decodedText } from './raw-kept.ts'
import { oversizeRawRecord } from './raw-record.ts'
import { type Around, RecordMapper, type Value } from './record-mapper.ts'
import { findRecords } from './several-records.ts'
import type { ShortWay } from './short-way.ts'
import { unreadableEvent } from './unreadable.ts'

/** A record over the size limit: its head, with size and hash of the whole, and the id that is made of them. */
export interface OversizeRecord {
  readonly head: Uint8Array
  readonly whole: { readonly size: number; readonly sha256: string }
  readonly origin: Origin
}

export type EventMaker = ReturnType<typeof createEventMaker>

const alone: Place = { index: undefined, isFirst: true }

/** @throws AffiantError for a mapping that is wrong, CelError for a condition that is */
export function createEventMaker(
  spec: NormaliserSpec,
  mapping: Mapping,
  enrichment: Enrichment | undefined,
  pool?: SizedPool,
) {
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
  const mappingOptions = {
    zone: spec.zone,
    redacted: (key: string) => free.redactionOf?.(key) !== undefined,
    product: spec.receiver,
  }
  const map = compileMapping(mapping, state, free, { ...mappingOptions, explains: false })
  const expand = createExpander(mapping.expand, mappingOptions.redacted)
  const completeness = compileCompleteness(spec.onMissing === 'accept' ? {} : spec.require)
  const attribute = createAttribute(enrichment, completeness)
  const mapper = new RecordMapper({ spec, mapping, state, free, redactor, map })
  const nextId = timeOrderedIds()
  const finish = createFinishEvent({ spec, state, redactor, attribute, nextId })
  const events = new BatchEvents(spec, redactor, pool)
  const { receiver } = spec
  let explaining: typeof map | undefined

  /** Before each event. */
  function begin(provenance: EventDraft['provenance']): void {
    resetState(state)
    redactor.beginEvent()
    state.provenance = provenance
  }

  function add(batch: BatchEncoder, event: EventDraft, origin: Origin, place: Place): void {
    const failed = event.quality !== undefined
    const raw = finish(event, origin, place)
    events.add(batch, event, { raw, failed, unsafe: state.unsafe })
  }

  function addUnreadable(batch: BatchEncoder, origin: Origin, reason: string, place: Place): void {
    begin(origin.provenance(place.index))
    add(batch, unreadableEvent(state, receiver, reason), origin, place)
  }

  function addMapped(batch: BatchEncoder, record: Value, around: Around, place: Place): void {
    const { origin } = around
    begin(origin.provenance(place.index))
    try {
      const event = mapper.map(record, around)
      if (event === undefined) events.skip(batch)
      else add(batch, event, origin, place)
    } catch (thrown) {
      addUnreadable(batch, origin, `the record could not be mapped: ${asError(thrown).message}`, place)
    }
  }

  return {
    /** What the batch under way is written with: by this, and by stencils. */
    writer: events.writer,
    /** Whether every event of this receiver has the same route bits, and stays. */
    routesAreConstant: events.routesAreConstant,
    /** Whether a stencil may be cut of the line that was added last. */
    get isLearnable(): boolean {
      return mapper.isLearnable
    },
    /** Ids for events that have no other, in the order in which they are asked for. */
    nextId,
    /** The events themselves, for what is written or counted without being mapped. */
    events,

    /** `observed` in unix milliseconds; returns it as events write it, too. */
    begin(observed: number): { readonly batch: BatchEncoder; readonly observedTime: string } {
      state.observed = observed
      state.observedTime = formatTime(observed)
      state.latestTime = latestTime(observed)
      return { batch: events.begin(), observedTime: state.observedTime }
    },

    /** Every event of one decoded record, or of a list of them; behind them those of what in it is none. */
    addRecord(
      batch: BatchEncoder,
      decoded: Value | readonly unknown[],
      origin: Origin,
      short?: ShortWay,
    ): void {
      let isBegun = false
      let isFirst = true
      const { records, faults } = findRecords(decoded, mapping.records, expand)
      for (const { record, index, envelope: beside, warnings, partial } of records) {
        const isPlain = short !== undefined && warnings.length === 0 && !partial && beside === undefined
        const stencil = isPlain ? short.write(record, index) : undefined
        if (stencil !== undefined) events.addStencilled(batch, stencil)
        else {
          if (!isBegun) redactor.begin()
          isBegun = true
          const told = toldOf(origin, warnings, partial)
          const envelope = isFirst ? joined(origin.envelope, beside) : beside
          addMapped(batch, record, { origin: told, whole: decoded, envelope }, { index, isFirst })
          if (isPlain && mapper.isLearnable) short.learn()
        }
        isFirst = false
      }
      if (isBegun) events.endLine(batch)
      for (const { element, index, reason } of faults) {
        // A record's text of its own: what others of the line have lost is not looked for in it.
        redactor.begin()
        const apart = { ...origin, raw: () => Buffer.from(JSON.stringify(element)) }
        addUnreadable(batch, apart, reason, { index, isFirst: false })
        events.endLine(batch)
      }
    },

    addUnreadable(batch: BatchEncoder, origin: Origin, reason: string): void {
      redactor.begin()
      addUnreadable(batch, origin, reason, alone)
      events.endLine(batch)
    },

    addOversize(batch: BatchEncoder, { head, whole, origin }: OversizeRecord): void {
      redactor.begin()
      begin(origin.provenance(undefined))
      const reason = `the record is over the size limit: ${whole.size} bytes`
      const event = unreadableEvent(state, receiver, reason)
      event.quality = { parse: 'failed', warnings: [reason, ...origin.warnings] }
      if (origin.container !== undefined) addContainerFacts(event, origin.container)
      const raw = oversizeRawRecord(head, whole)
      event.id = origin.id(0, event) ?? nextId(state.observed)
      event.raw = raw.member
      redactor.event(event, attribute(event, origin.stream))
      redactor.noteText(event, head, decodedText, true)
      events.add(batch, event, { raw, failed: true, unsafe: state.unsafe })
      events.endLine(batch)
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

/** The origin of a record with what `expand` had to say. */
function toldOf(origin: Origin, warnings: readonly string[], partial: boolean): Origin {
  if (warnings.length === 0 && !partial) return origin
  return {
    ...origin,
    warnings: [...origin.warnings, ...warnings],
    partial: partial || origin.partial === true,
  }
}

/** What stood around the record, and around the list that it was the first of. */
function joined(outer: Value | undefined, inner: Value | undefined): Value | undefined {
  return outer === undefined || inner === undefined ? (outer ?? inner) : { ...inner, ...outer }
}
