/** What is said of a log in its events: its pod's facts, with the container that wrote it. */
import { isDeepStrictEqual } from 'node:util'
import type { PodFacts } from '../../../event/record.ts'
import type { LogPlace } from '../selection/log-place.ts'
import type { Pod } from './pod.ts'

export class LogFacts {
  /** Made of what: then nothing need be compared. */
  readonly #madeOf = new WeakMap<PodFacts, Pod>()

  /** `before` where it says the same. */
  of(pod: Pod, { container }: LogPlace, before: PodFacts | undefined): PodFacts {
    if (before !== undefined && this.#madeOf.get(before) === pod) return before
    const image = pod.images.get(container)
    const facts = { ...pod.facts, container, ...(image === undefined ? {} : { image }) }
    const same = before !== undefined && isDeepStrictEqual(before, facts) ? before : facts
    this.#madeOf.set(same, pod)
    return same
  }
}

/** What the path alone says. A static pod's hash is no uid that anybody else knows, but tells it from others. */
export function factsOfPlace(place: LogPlace, node: string): PodFacts {
  const { namespace, pod, container, pod_uid = '' } = place
  return { namespace, pod, ...(pod_uid === '' ? {} : { pod_uid }), container, node }
}
