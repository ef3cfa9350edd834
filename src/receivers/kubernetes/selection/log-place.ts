/** What the path of a container's log says. */
import { podOfPath } from '../../../attribution/enrich/kubernetes.ts'

export interface LogPlace {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Below `/var/log/pods`; of a static pod the hash that kubelet gives it. */
  readonly pod_uid?: string
  /** Of a link in `/var/log/containers`; where names are long, how it begins. */
  readonly container_id?: string
}

const mostRemembered = 10_000

/** Undefined for a path that is no container's. The same object for the same path, as long as it is remembered. */
export class LogPlaces {
  readonly #known = new Map<string, LogPlace | undefined>()

  of(path: string): LogPlace | undefined {
    if (this.#known.has(path)) return this.#known.get(path)
    if (this.#known.size >= mostRemembered) this.#known.clear()
    const place = placeOf(path)
    this.#known.set(path, place)
    return place
  }
}

function placeOf(path: string): LogPlace | undefined {
  const { namespace, pod, container, pod_uid, container_id } = podOfPath(path) ?? {}
  if (namespace === undefined || pod === undefined || container === undefined) return undefined
  return {
    namespace,
    pod,
    container,
    ...(pod_uid === undefined ? {} : { pod_uid }),
    ...(container_id === undefined ? {} : { container_id }),
  }
}

/** One text for all that one pod's paths have in common. */
export const podKeyOf = ({ namespace, pod, pod_uid = '' }: LogPlace): string =>
  `${namespace}/${pod}/${pod_uid}`

/** The same, but for links: their names have no uid, so that what was decided about one pod counts for its containers alone. */
export const decisionKeyOf = (place: LogPlace): string => `${podKeyOf(place)}${place.container_id ?? ''}`
