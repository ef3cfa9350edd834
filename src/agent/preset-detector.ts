/** Presets of single files, as each one's first records say (`preset: auto`). */
import { detectPreset } from '../normalise/detect/detect-preset.ts'
import { joiningOf } from '../normalise/joining.ts'
import { findPreset } from '../normalise/presets.ts'
import type { FileReceiverConfig } from '../receivers/file/config.ts'
import { framingRules } from '../receivers/file/framing/rules.ts'
import type { PresetDetector } from '../receivers/file/identity/preset.ts'

/** Undefined where the configuration says how records are read. */
export function presetDetector(config: FileReceiverConfig): PresetDetector | undefined {
  if (config.mapping !== undefined || config.preset !== 'auto') return undefined
  return {
    detect: detectPreset,
    framing: (preset) =>
      findPreset(preset) === undefined ? undefined : framingRules(config, joiningOf({ preset })),
  }
}
