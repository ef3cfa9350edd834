/**
 * What the positions of logs say of their pods from before a restart: it counts until somebody tells of them, also for files
 * that a rotation or a restart of the container made meanwhile. As many as there are logs whose positions are kept.
 */
import type { PodFacts } from '../../../event/record.ts'
import { decisionKeyOf, type LogPlace } from '../selection/log-place.ts'

interface Remembered {
  readonly pod: PodFacts | undefined
  readonly preset: string | undefined
}

export class RememberedPods {
  readonly #byPod = new Map<string, PodFacts>()
  readonly #byContainer = new Map<string, Remembered>()

  /** Of a log; what is said later counts. */
  add(place: LogPlace, remembered: Remembered): void {
    const key = decisionKeyOf(place)
    if (remembered.pod !== undefined) this.#byPod.set(key, remembered.pod)
    this.#byContainer.set(`${key}/${place.container}`, remembered)
  }

  facts(place: LogPlace): PodFacts | undefined {
    const own = this.#byContainer.get(`${decisionKeyOf(place)}/${place.container}`)?.pod
    if (own !== undefined) return own
    const other = this.#byPod.get(decisionKeyOf(place))
    if (other === undefined) return undefined
    const { image: _, ...facts } = other
    return { ...facts, container: place.container }
  }

  /** What its records were read by, where that was not what the configuration says. */
  preset(place: LogPlace): string | undefined {
    return this.#byContainer.get(`${decisionKeyOf(place)}/${place.container}`)?.preset
  }
}
