/** What a mapping needs of whoever reads the lines of its records. */
import type { Joining } from '../event/joining.ts'
import { readMapping } from './compile-spec.ts'
import type { NormaliserSpec } from './contract.ts'
import { createDecoder } from './decode/decoders.ts'

/** Undefined where each line is a record. @throws AffiantError for a mapping that is wrong */
export function joiningOf(mapping: NormaliserSpec['mapping']): Joining | undefined {
  // What `auto` finds says it.
  if ('preset' in mapping && mapping.preset === 'auto') return undefined
  return createDecoder(readMapping(mapping).decode).joining
}
