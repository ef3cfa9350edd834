/** From records to encoded events, compiled once per receiver. */
import type { LineChunk, RecordChunk } from '../event/record.ts'
import type { Explained } from './compile/state.ts'
import { readMapping } from './compile-spec.ts'
import type { NormalisedBatch, Normaliser, NormaliserSpec } from './contract.ts'
import { createEventMaker } from './event-maker.ts'
import { createLineNormaliser } from './line-chunks.ts'
import { createRecordNormaliser } from './record-chunks.ts'
import { Stencils } from './stencil/stencils.ts'

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

/** @throws AffiantError for a mapping that is wrong, CelError for a condition that is */
export function compileNormaliser(spec: NormaliserSpec, options: NormaliserOptions = {}): InlineNormaliser {
  const mapping = readMapping(spec.mapping)
  const maker = createEventMaker(spec, mapping)
  const general =
    options.stencils === false || spec.select !== undefined || !maker.routesAreConstant || spec.raw !== 'none'
  const stencils = general
    ? undefined
    : Stencils.for(
        mapping,
        spec.zone,
        lazily(() => compileNormaliser(spec, { stencils: false })),
      )
  return {
    lines: createLineNormaliser(spec, mapping, maker, stencils),
    records: createRecordNormaliser(spec, maker),
    explain: (record) => maker.explain(record as Readonly<Record<string, unknown>>),
    get served() {
      return stencils?.served ?? 0
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
