/** How the logs of pods are read: as each one's first records say, or the annotations of its pod. */
import { detectPreset } from '../normalise/detect/detect-preset.ts'
import { joiningOf } from '../normalise/joining.ts'
import { findPreset } from '../normalise/presets.ts'
import { framingRules } from '../receivers/file/framing/rules.ts'
import { fileConfigOf, type KubernetesReceiverConfig } from '../receivers/kubernetes/config.ts'
import type { Readings } from '../receivers/kubernetes/pod-reading.ts'

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
