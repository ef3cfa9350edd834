import type { NormaliserSpec } from './contract.ts'

/** For `provenance`: which preset reads the records, where the receiver's configuration does not say so. */
export function detectedPreset({
  mapping,
  detected,
  named,
}: NormaliserSpec): { readonly preset: string } | undefined {
  const preset = 'preset' in mapping ? mapping.preset : named
  return detected === true && preset !== undefined ? { preset } : undefined
}
