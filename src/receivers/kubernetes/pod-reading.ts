/** How a log's records are read: as its pod's annotations say, or else the receiver's configuration. */
import type { Log } from '../../telemetry/log.ts'
import type { PresetDetector } from '../file/identity/preset.ts'
import { namedReading } from './annotations.ts'
import type { NotifyOfPod } from './notice.ts'
import type { PodCache } from './pods/pod-cache.ts'
import type { RememberedPods } from './pods/remembered-pods.ts'
import type { LogPlaces } from './selection/log-place.ts'

export interface Readings {
  /** By the look of the records. */
  readonly detect: (records: readonly string[]) => { readonly preset: string; readonly recognised: boolean }
  /** How lines become records, of a preset or a named mapping; undefined for what there is not. */
  readonly framing: PresetDetector['framing']
  /** Whether the configuration leaves it to the look of the records. */
  readonly isAuto: boolean
  readonly isMapping: (name: string) => boolean
}

export interface PodReadingOptions {
  readonly receiver: string
  readonly readings: Readings
  readonly pods: PodCache
  readonly places: LogPlaces
  readonly remembered: RememberedPods
  readonly notify: NotifyOfPod
  readonly log: Log
}

/** Characters of an annotation that are on record. */
const mostOfValue = 256

export function podReading(options: PodReadingOptions): PresetDetector {
  const { receiver, readings, pods, places, remembered, notify, log } = options
  const { detect, framing, isAuto, isMapping } = readings
  return {
    framing,
    detect: (records, path) => {
      const place = places.of(path)
      const pod = place && pods.find(place)
      const before = place && pod === undefined ? remembered.preset(place) : undefined
      if (before !== undefined && framing(before) !== undefined) return { preset: before, recognised: true }
      const named = pod && namedReading(pod, place.container)
      if (named === undefined) return isAuto ? detect(records) : undefined
      const { annotation, kind, name } = named
      const isThere =
        isMapping(name) === (kind === 'mapping') && name !== 'auto' && framing(name) !== undefined
      if (isThere) return { preset: name, recognised: true }
      const found = detect(records)
      if (name === 'auto') return found
      const { namespace, pod: podName, container } = place!
      const about = { namespace, pod: podName, container, annotation, value: name.slice(0, mostOfValue) }
      log.error(
        { ...about, preset: found.preset },
        `this annotation names a ${kind} that there is not: the records of this log are read by the preset that they look like`,
      )
      notify({ kind: 'reading_unknown', receiver, ...about, preset: found.preset })
      return found
    },
  }
}
