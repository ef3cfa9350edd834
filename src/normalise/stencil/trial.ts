/** Lines that stencils are tried with, and what the general path makes of them. */
import { guardRule } from '../../attribution/credential-guard.ts'
import { generationWords, recordIds } from '../../event/id.ts'
import { formatTime } from '../../event/time.ts'
import type { NormalisedBatch, Normaliser } from '../contract.ts'
import { lineChecksums } from '../decode/lines.ts'
import { type LineFacts, lineFacts } from './line-facts.ts'
import type { Shape } from './shape.ts'
import type { TimeText } from './time-text.ts'
import type { TrialEnrichment } from './trial-enrichment.ts'

/** The general path, without stencils. */
export interface GeneralPath {
  lines(chunk: Parameters<Normaliser['lines']>[0]): NormalisedBatch
  /** Its enrichers, where there are any. */
  readonly enrichment: TrialEnrichment | undefined
}

/** A line made of a shape and values. */
export interface Trial {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly slots: Int32Array
  readonly stream: string
  readonly offset: number
  readonly observed: number
}

export function trial({ slots, tail }: Shape, values: readonly Uint8Array[], n: number): Trial {
  const at = new Int32Array(2 * slots.length)
  const parts: Uint8Array[] = []
  let length = 0
  for (const [i, { literal }] of slots.entries()) {
    parts.push(literal, values[i]!)
    length += literal.length
    at[2 * i] = length
    length += values[i]!.length
    at[2 * i + 1] = length
  }
  parts.push(tail)
  return {
    bytes: new Uint8Array(Buffer.concat(parts)),
    slots: at,
    stream: `c0ffee1${n}`.repeat(4),
    offset: 987_654_321_012 + n,
    observed: 33_333_333_333_333 + n,
  }
}

/** The event that the general path makes; undefined when it is not exactly one that was understood. */
export function make(
  general: GeneralPath,
  { bytes, stream, offset, observed }: Trial,
): { readonly event: Buffer; readonly incomplete: boolean } | undefined {
  const line = new Uint8Array(bytes.length + 1)
  line.set(bytes)
  line[bytes.length] = 0x0a
  const batch = general.lines({ stream: { id: stream, receiver: '' }, bytes: line, offset, observed })
  if (batch.count !== 1 || batch.records !== 1 || batch.unparsed !== 0 || batch.raw.length !== 0)
    return undefined
  const event = Buffer.from(batch.payload.subarray(0, batch.lengths[0]))
  // A secret that was found in one place is taken out of all others: which they are, the next line decides.
  if (event.includes(guardMark)) return undefined
  return { event, incomplete: batch.incomplete === 1 }
}

const guardMark = `"rule":"${guardRule}"`

export function idsOf({ bytes, stream, offset }: Trial): string {
  const checksums = lineChecksums(bytes, { count: 1, starts: [0], ends: [bytes.length] })
  return recordIds(generationWords(stream), offset, [0], checksums)
}

export function factsOf(tried: Trial, times: TimeText[], parts: string[]): LineFacts {
  const { bytes, stream, offset, observed } = tried
  const chunk = { bytes, stream: { id: stream, receiver: '' }, offset, observed }
  return {
    ...lineFacts(chunk, idsOf(tried), formatTime(observed)),
    length: bytes.length,
    extent: bytes.length,
    offset,
    times,
    parts,
  }
}
