/** How an input is read, as a file receiver decides it for a file that begins so: its preset, and what makes a record of its lines. */

import { inMemory } from '../agent/in-memory.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { type Detection, detectPreset } from '../normalise/detect/detect-preset.ts'
import { joiningOf } from '../normalise/joining.ts'
import { type Framing, framingOf } from '../receivers/file/framing/begin.ts'
import { firstRecords } from '../receivers/file/framing/first-records.ts'
import { compileJoining } from '../receivers/file/framing/rules.ts'

export interface ReadAs {
  /** What the first records look like. */
  readonly found: Detection
  /** Null where each line is a record. */
  readonly framing: Framing | null
}

/** @param maxRecord bytes, of one record and of all that are in the making */
export async function readAs(
  head: Uint8Array,
  mapping: NormaliserSpec['mapping'],
  maxRecord: number,
): Promise<ReadAs> {
  const source = inMemory(head)
  const rules = { encoding: 'utf-8', container: 'auto', maxRecord } as const
  const found = detectPreset(await firstRecords(source, rules))
  const isAuto = 'preset' in mapping && mapping.preset === 'auto'
  const joining = joiningOf(isAuto ? { preset: found.preset } : mapping)
  const all = joining === undefined ? rules : { ...rules, joining: compileJoining(joining) }
  return { found, framing: await framingOf(source, all) }
}
