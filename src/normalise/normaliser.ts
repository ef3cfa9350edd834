/** From records to encoded events, compiled once per receiver. */
import { compileEnrichment, type Enrichment } from '../attribution/enrich/enrichment.ts'
import { WatchedFiles } from '../attribution/enrich/watched-file.ts'
import { compileRefusals } from '../attribution/redact/refusals.ts'
import { dependsOnValues } from '../attribution/redact/rule.ts'
import { secretRules } from '../attribution/redact/secrets.ts'
import type { LineChunk, RecordChunk } from '../event/record.ts'
import { lazily } from '../lazily.ts'
import type { SizedPool } from '../sized-pool.ts'
import { createAutoNormaliser } from './auto-normaliser.ts'
import type { Explained } from './compile/state.ts'
import { readMapping } from './compile-spec.ts'
import type { NormalisedBatch, Normaliser, NormaliserSpec } from './contract.ts'
import { createDecoder } from './decode/decoders.ts'
import type { FieldFinder } from './decode/field-finder.ts'
import { createEventMaker } from './event-maker.ts'
import { createLineNormaliser } from './line-chunks.ts'
import type { Mapping } from './mapping/mapping.ts'
import { createRecordNormaliser } from './record-chunks.ts'
import { ExpandedFields } from './stencil/expanded-fields.ts'
import { ReceivedStencils } from './stencil/received-stencils.ts'
import { RecordStencils } from './stencil/record-stencils.ts'
import { Stencils } from './stencil/stencils.ts'
import type { GeneralPath } from './stencil/trial.ts'
import { TrialEnrichment } from './stencil/trial-enrichment.ts'

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
  /** What enrichers read, shared with others. @default files of its own, which nobody looks after */
  readonly files?: WatchedFiles
  /** What events are given away in: it goes back to it through `EncodedBatch.memory`. @default memory of their own */
  readonly pool?: SizedPool
}

/** @throws AffiantError for a mapping that is wrong, CelError for a condition that is */
export function compileNormaliser(given: NormaliserSpec, options: NormaliserOptions = {}): InlineNormaliser {
  const { files = new WatchedFiles() } = options
  const isAuto = 'preset' in given.mapping && given.mapping.preset === 'auto'
  if (isAuto || given.byStream) {
    // What is wrong with a file shows now, and not when the first record of some preset comes.
    compileEnrichment(given.enrich ?? [], files)
    return createAutoNormaliser(given, (own) => compileNormaliser(own, { ...options, files }))
  }
  const mapping = readMapping(given.mapping)
  const spec = { ...given, redact: [...given.redact, ...secretRules(mapping.secrets)] }
  const enrichment = compileEnrichment(spec.enrich ?? [], files)
  const maker = createEventMaker(spec, mapping, enrichment, options.pool)
  const general =
    options.stencils === false ||
    spec.select !== undefined ||
    !maker.routesAreConstant ||
    spec.raw !== 'none' ||
    spec.redact.some(dependsOnValues)
  const stencilsFor = (mapping: Mapping, received?: 'with id' | 'without id') =>
    Stencils.for(
      mapping,
      spec.zone,
      compileRefusals(spec.redact),
      enrichment?.enrichers ?? [],
      lazily(() => generalPath(spec, mapping, enrichment, received)),
    )
  const linesAreRecords = mapping.decode.name === 'json' && mapping.expand.length === 0
  const stencils = general || !linesAreRecords ? undefined : stencilsFor(mapping)
  const ofRecords =
    general || (linesAreRecords && mapping.records === undefined) ? undefined : stencilsFor(decoded(mapping))
  const receivedWithId = general || mapping.expand.length > 0 ? undefined : stencilsFor(mapping, 'with id')
  const receivedWithoutId = receivedWithId && stencilsFor(mapping, 'without id')
  const received = receivedWithoutId && new ReceivedStencils(receivedWithId, receivedWithoutId, maker.nextId)
  const recordStencils = ofRecords && new RecordStencils(ofRecords, fieldFinder(mapping))
  return {
    lines: createLineNormaliser(spec, mapping, maker, stencils, recordStencils),
    records: createRecordNormaliser(spec, mapping, maker, received),
    explain: (record) => maker.explain(record as Readonly<Record<string, unknown>>),
    get served() {
      return (stencils?.served ?? 0) + (recordStencils?.served ?? 0) + (received?.served ?? 0)
    },
  }
}

/** What finds the values of lines that are one record each, but not as they stand. */
function fieldFinder(mapping: Mapping): FieldFinder | undefined {
  const { decode, expand, records } = mapping
  if (expand.length > 0) return decode.name === 'json' ? ExpandedFields.for(mapping) : undefined
  return records === undefined ? createDecoder(decode).fields?.() : undefined
}

/** What is left to do with a record once it was decoded and found: it might as well be a line of JSON. */
function decoded({ records: _records, ...mapping }: Mapping): Mapping {
  return { ...mapping, decode: { name: 'json', options: {} }, expand: [] }
}

/** What stencils are cut with. */
function generalPath(
  spec: NormaliserSpec,
  mapping: Mapping,
  enrichment: Enrichment | undefined,
  received: 'with id' | 'without id' | undefined,
): GeneralPath {
  const trial = enrichment && new TrialEnrichment(enrichment.enrichers)
  const maker = createEventMaker(spec, mapping, trial?.enrichment)
  return {
    lines: createLineNormaliser(spec, mapping, maker, undefined),
    enrichment: trial,
    received: received && {
      records: createRecordNormaliser(spec, mapping, maker),
      givenId: received === 'with id',
    },
  }
}
