import type { NormaliserSpec } from './contract.ts'

/** For `provenance`: which preset reads the records, where nobody but their own look says so. */
export function detectedPreset({
  mapping,
  detected,
}: NormaliserSpec): { readonly preset: string } | undefined {
  return detected === true && 'preset' in mapping ? { preset: mapping.preset } : undefined
}
