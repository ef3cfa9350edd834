/**
 * The normaliser of a receiver with `preset: auto`: the preset's that a stream was found to hold. A stream that nobody
 * has looked at (records that arrive decoded, lines of no file) is decided chunk by chunk, or record by record.
 */
import type { LineChunk } from '../event/record.ts'
import { runsOf } from './auto-records.ts'
import type { Explained } from './compile/state.ts'
import type { NormaliserSpec } from './contract.ts'
import { framedRecords, lineTexts, splitLines } from './decode/lines.ts'
import { detectPreset } from './detect/detect-preset.ts'
import { joinBatches } from './join-batches.ts'
import type { InlineNormaliser } from './normaliser.ts'

/** Records of a chunk that are looked at. */
const lookedAt = 64

/** @param compile makes the normaliser of one preset */
export function createAutoNormaliser(
  spec: NormaliserSpec,
  compile: (spec: NormaliserSpec) => InlineNormaliser,
): InlineNormaliser {
  const normalisers = new Map<string, InlineNormaliser>()
  const of = (preset: string): InlineNormaliser => {
    let normaliser = normalisers.get(preset)
    if (normaliser === undefined) {
      normaliser = compile({ ...spec, mapping: { preset }, detected: true })
      normalisers.set(preset, normaliser)
    }
    return normaliser
  }
  // What is wrong with the specification is wrong with every preset: it shows at once.
  of('json')
  return {
    lines: (chunk) => of(chunk.stream.preset ?? detectPreset(textsOf(chunk)).preset).lines(chunk),
    records: (chunk) =>
      joinBatches(
        runsOf(chunk).map(({ preset, chunk: run }) => ({
          batch: of(preset).records(run),
          taken: run.records.length,
        })),
      ),
    explain: (record): readonly Explained[] => of(detectPreset([record]).preset).explain(record),
    get served() {
      return [...normalisers.values()].reduce((sum, { served }) => sum + served, 0)
    },
  }
}

function textsOf({ bytes, offset, frames }: LineChunk): string[] {
  const found = frames === undefined ? splitLines(bytes, offset === 0) : framedRecords(frames)
  const text = lineTexts(bytes, found)
  return Array.from({ length: Math.min(found.count, lookedAt) }, (_, i) => text(i) ?? '')
}
