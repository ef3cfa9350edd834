/**
 * What each `kubernetes` receiver of an agent selects, so that two that share a directory know whose a log is: what was the
 * one's before a restart, and is not any more, the other goes on with.
 */
import type { PodCache } from './pods/pod-cache.ts'
import type { LogPlaces } from './selection/log-place.ts'
import type { Selection } from './selection/selection.ts'

export class Selections {
  readonly #byReceiver = new Map<string, Selection>()

  /** Before any of the receivers starts. */
  add(receiver: string, selection: Selection): void {
    this.#byReceiver.set(receiver, selection)
  }

  /** It is not configured any more. */
  remove(receiver: string): void {
    this.#byReceiver.delete(receiver)
  }

  /**
   * Whether that receiver reads the log at this path, as one knows that has these pods. What nobody knows any more stays
   * with who had it. Undefined for receivers of another kind.
   */
  reads(receiver: string, path: string, places: LogPlaces, pods: PodCache): boolean | undefined {
    const selection = this.#byReceiver.get(receiver)
    if (selection === undefined) return undefined
    const place = places.of(path)
    if (place === undefined || !selection.mayTake(place)) return false
    const pod = pods.find(place)
    return pod === undefined || selection.takes(pod)
  }
}
