/** Presets of single files: as each one's first records say (`preset: auto`), or the annotations of its pod. */
import { detectPreset } from '../normalise/detect/detect-preset.ts'
import { joiningOf } from '../normalise/joining.ts'
import { findPreset } from '../normalise/presets.ts'
import type { FileReceiverConfig } from '../receivers/file/config.ts'
import { framingRules } from '../receivers/file/framing/rules.ts'
import type { PresetDetector } from '../receivers/file/identity/preset.ts'
import { fileConfigOf, type KubernetesReceiverConfig } from '../receivers/kubernetes/config.ts'
import type { Readings } from '../receivers/kubernetes/pod-reading.ts'

/** Undefined where the configuration says how records are read. */
export function presetDetector(config: FileReceiverConfig): PresetDetector | undefined {
  if (config.mapping !== undefined || config.preset !== 'auto') return undefined
  return {
    detect: detectPreset,
    framing: (preset) =>
      findPreset(preset) === undefined ? undefined : framingRules(config, joiningOf({ preset })),
  }
}

/** What a `kubernetes` receiver asks. */
export function podReadings(config: KubernetesReceiverConfig): Readings {
  const files = fileConfigOf(config)
  const isMapping = (name: string) => Object.hasOwn(config.mappings, name)
  return {
    detect: detectPreset,
    isAuto: config.mapping === undefined && config.preset === 'auto',
    isMapping,
    framing: (name) => {
      if (isMapping(name)) return framingRules(files, joiningOf({ inline: config.mappings[name] }))
      return findPreset(name) === undefined ? undefined : framingRules(files, joiningOf({ preset: name }))
    },
  }
}
