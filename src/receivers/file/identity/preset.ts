/** Which preset a file's records are of, where its receiver's configuration leaves that open. */
import type { FileContext } from '../file-context.ts'
import type { FramingRules } from '../framing/begin.ts'
import { firstRecords } from '../framing/first-records.ts'
import type { ByteSource } from '../source/byte-source.ts'

/** What a receiver with `preset: auto` asks. */
export interface PresetDetector {
  /**
   * `recognised` is false where no preset knows the records, and they are read by the one that takes any. Undefined for a
   * file that is read as the receiver's configuration says.
   */
  detect(
    records: readonly string[],
    path: string,
  ): { readonly preset: string; readonly recognised: boolean } | undefined
  /** How lines become records of this preset; undefined for one that there is not (any more). */
  framing(preset: string): FramingRules | undefined
}

/** Undefined where the configuration says which preset it is. */
export async function detectPreset(
  source: Pick<ByteSource, 'read'>,
  path: string,
  { detector, framing }: FileContext,
): Promise<ReturnType<PresetDetector['detect']>> {
  return detector?.detect(await firstRecords(source, framing), path)
}

/** Of a stream from before the restart: what it was found to be then. */
export async function presetOfKnown(
  source: Pick<ByteSource, 'read'>,
  path: string,
  known: string | undefined,
  context: FileContext,
): Promise<string | undefined> {
  const isStill = known !== undefined && context.detector?.framing(known) !== undefined
  return isStill ? known : (await detectPreset(source, path, context))?.preset
}
