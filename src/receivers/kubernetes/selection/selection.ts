/** Which pods' logs are read: by what a path says, and by what only the API server knows of its pod. */
import { matchesGlob } from 'node:path'
import type { Pod } from '../pods/pod.ts'
import type { LogPlace } from './log-place.ts'
import { parseSelector } from './selector.ts'

export interface SelectionSpec {
  readonly namespaces: readonly string[]
  readonly exclude_namespaces: readonly string[]
  readonly containers: readonly string[]
  readonly exclude_containers: readonly string[]
  readonly labels?: string | undefined
  readonly annotations?: string | undefined
}

/** Whose logs are never read: the agent's own would make a log of each log. */
export interface OwnPod {
  readonly namespace: string | undefined
  readonly pod: string | undefined
  readonly pod_uid: string | undefined
}

export class Selection {
  /** The path alone does not say whether a log is read. */
  readonly needsPod: boolean
  readonly #spec: SelectionSpec
  readonly #own: OwnPod
  readonly #labels: (pod: Pod) => boolean
  readonly #annotations: (pod: Pod) => boolean

  constructor(spec: SelectionSpec, own: OwnPod) {
    const { labels, annotations } = spec
    this.#spec = spec
    this.#own = own
    this.needsPod = labels !== undefined || annotations !== undefined
    const ofLabels = labels === undefined ? () => true : parseSelector(labels)
    const ofAnnotations = annotations === undefined ? () => true : parseSelector(annotations)
    this.#labels = (pod) => ofLabels(pod.labels)
    this.#annotations = (pod) => ofAnnotations(pod.annotations)
  }

  /** Whether a log at this place may be read, as far as its path tells. */
  mayTake(place: LogPlace): boolean {
    const { namespaces, exclude_namespaces, containers, exclude_containers } = this.#spec
    return (
      !this.#isOwn(place) &&
      isOf(place.namespace, namespaces) &&
      !isAmong(place.namespace, exclude_namespaces) &&
      isOf(place.container, containers) &&
      !isAmong(place.container, exclude_containers)
    )
  }

  /** Whether a pod's logs are read, as far as they may be. */
  takes(pod: Pod): boolean {
    return this.#labels(pod) && this.#annotations(pod)
  }

  /** By its uid, and by its name: the one that it had before is its own, too. */
  #isOwn({ namespace, pod, pod_uid }: LogPlace): boolean {
    const own = this.#own
    if (own.pod_uid !== undefined && pod_uid === own.pod_uid) return true
    return own.pod !== undefined && own.namespace === namespace && own.pod === pod
  }
}

const isAmong = (name: string, globs: readonly string[]) => globs.some((glob) => matchesGlob(name, glob))

const isOf = (name: string, globs: readonly string[]) => globs.length === 0 || isAmong(name, globs)
