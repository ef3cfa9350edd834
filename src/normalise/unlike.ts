/**
 * `preset: auto` chose a preset by a stream's first records: whether a later one, of which the mapping made nothing, is
 * of that kind at all. Only those are looked at; what has an action fits well enough.
 */
import type { NormaliserSpec } from './contract.ts'
import { compileRecogniser } from './detect/recogniser.ts'
import { detectedPreset } from './detected-preset.ts'
import type { Mapping } from './mapping/mapping.ts'

export interface UnlikeCheck {
  /** For `quality.warnings`; undefined for what meets a mark. `text` is the line, `whole` what the record was found in. */
  warning(text: () => string, whole: unknown, record: unknown): string | undefined
  /** Whether a mark is met that lines of the same members meet, whatever their values. */
  isSure(whole: unknown, record: unknown): boolean
}

/** Undefined where a preset was named, and for one that takes any record. */
export function createUnlikeCheck(spec: NormaliserSpec, { detect }: Mapping): UnlikeCheck | undefined {
  const chosen = detectedPreset(spec)
  if (chosen === undefined || detect.length === 0) return undefined
  const recognise = compileRecogniser(detect)
  const byMembers = compileRecogniser(
    detect.filter(({ equals, pattern }) => equals.length === 0 && pattern === undefined),
  )
  const warning = `meets no mark of preset ${chosen.preset}, which auto chose by the first records of its stream`
  return {
    warning(textOf, whole, record) {
      const text = textOf()
      const isKnown = recognise(text, record) > 0 || (whole !== record && recognise(text, whole) > 0)
      return isKnown ? undefined : warning
    },
    isSure: (whole, record) => byMembers('', record) > 0 || (whole !== record && byMembers('', whole) > 0),
  }
}
