/** How an input is read, as a file receiver decides it for a file that begins so: its preset, and what makes a record of its lines. */

import type { NormaliserSpec } from '../normalise/contract.ts'
import { detectPreset } from '../normalise/detect/detect-preset.ts'
import { joiningOf } from '../normalise/joining.ts'
import { type Framing, framingOf } from '../receivers/file/framing/begin.ts'
import { firstRecords } from '../receivers/file/framing/first-records.ts'
import { compileJoining } from '../receivers/file/framing/rules.ts'

export interface ReadAs {
  /** What `auto` found. */
  readonly preset: string | undefined
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
  const isAuto = 'preset' in mapping && mapping.preset === 'auto'
  const preset = isAuto ? detectPreset(await firstRecords(source, rules)).preset : undefined
  const joining = joiningOf(preset === undefined ? mapping : { preset })
  const all = joining === undefined ? rules : { ...rules, joining: compileJoining(joining) }
  return { preset, framing: await framingOf(source, all) }
}

function inMemory(bytes: Uint8Array) {
  return {
    read(buffer: Uint8Array, position: number): Promise<number> {
      const part = bytes.subarray(position, position + buffer.length)
      buffer.set(part)
      return Promise.resolve(part.length)
    },
  }
}
