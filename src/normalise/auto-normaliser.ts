/**
 * The normaliser of a receiver whose streams are not all of one preset: the one's that a stream was found to hold, or that
 * somebody has named for it. With `preset: auto`, a stream that nobody has looked at (records that arrive decoded, lines of
 * no file) is decided chunk by chunk, or record by record.
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
  const { mappings = {}, byStream: _, ...rest } = spec
  const isAuto = 'preset' in spec.mapping && spec.mapping.preset === 'auto'
  const normalisers = new Map<string, InlineNormaliser>()
  const of = (preset: string): InlineNormaliser => {
    let normaliser = normalisers.get(preset)
    if (normaliser === undefined) {
      const mapping = Object.hasOwn(mappings, preset) ? { inline: mappings[preset] } : { preset }
      normaliser = compile({ ...rest, mapping, detected: true, named: preset })
      normalisers.set(preset, normaliser)
    }
    return normaliser
  }
  // What is wrong with the specification is wrong with every preset: it shows at once.
  const usual = isAuto ? undefined : compile(rest)
  if (isAuto) of('json')
  for (const name of Object.keys(mappings)) of(name)
  const ofStream = (named: string | undefined, texts: () => readonly string[]): InlineNormaliser =>
    named === undefined ? (usual ?? of(detectPreset(texts()).preset)) : of(named)
  return {
    lines: (chunk) => ofStream(chunk.stream.preset, () => textsOf(chunk)).lines(chunk),
    records: (chunk) =>
      usual?.records(chunk) ??
      joinBatches(
        runsOf(chunk).map(({ preset, chunk: run }) => ({
          batch: of(preset).records(run),
          taken: run.records.length,
        })),
      ),
    explain: (record): readonly Explained[] => (usual ?? of(detectPreset([record]).preset)).explain(record),
    get served() {
      return [...normalisers.values()].reduce((sum, { served }) => sum + served, usual?.served ?? 0)
    },
  }
}

function textsOf({ bytes, offset, frames }: LineChunk): string[] {
  const found = frames === undefined ? splitLines(bytes, offset === 0) : framedRecords(frames)
  const text = lineTexts(bytes, found)
  return Array.from({ length: Math.min(found.count, lookedAt) }, (_, i) => text(i) ?? '')
}
