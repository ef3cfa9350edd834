/**
 * The pods of this node, and for a while those that were here: a log outlives its pod.
 *
 * Bounded: a node has some hundred pods, and of those that are gone `mostEnded` are kept, for `keep` milliseconds.
 */
import type { Clock } from '../../../clock.ts'
import type { Pod } from './pod.ts'

const mostEnded = 1_000

export interface PodCacheOptions {
  /** Milliseconds. */
  readonly keep: number
  readonly clock: Clock
  /** A pod is new, or another than before. */
  readonly changed: (pod: Pod) => void
}

/** What a path says of a pod. */
export interface PodKey {
  readonly namespace?: string | undefined
  readonly pod?: string | undefined
  readonly pod_uid?: string | undefined
  /** At the runtime, or how it begins. */
  readonly container_id?: string | undefined
}

export class PodCache {
  readonly #options: PodCacheOptions
  readonly #live = new Map<string, Pod>()
  /** The first to go first, with when that is: monotonic milliseconds. */
  readonly #ended = new Map<string, { readonly pod: Pod; readonly until: number }>()
  /** uid by what else paths know a pod by: the hash of a static pod. */
  readonly #static = new Map<string, string>()
  /** uids by namespace and name, the newest last. */
  readonly #named = new Map<string, string[]>()

  constructor(options: PodCacheOptions) {
    this.#options = options
  }

  /** Of pods that are there, and of all that are known. */
  get live(): number {
    return this.#live.size
  }

  get size(): number {
    return this.#live.size + this.#ended.size
  }

  /** These are all that there are. */
  replace(pods: readonly Pod[]): void {
    const present = new Set(pods.map(({ uid }) => uid))
    for (const pod of this.#live.values()) if (!present.has(pod.uid)) this.ended(pod)
    for (const pod of pods) this.put(pod)
  }

  put(pod: Pod): void {
    this.#forgetEnded()
    this.#ended.delete(pod.uid)
    this.#live.set(pod.uid, pod)
    this.#name(pod)
    this.#options.changed(pod)
  }

  /** It is gone; what is known of it is what it was at the end. */
  ended(pod: Pod): void {
    this.#live.delete(pod.uid)
    this.#ended.delete(pod.uid)
    this.#ended.set(pod.uid, { pod, until: this.#options.clock.monotonic() + this.#options.keep })
    this.#name(pod)
    this.#forgetEnded()
    this.#options.changed(pod)
  }

  find(key: PodKey): Pod | undefined {
    this.#forgetEnded()
    const { pod_uid: uid, container_id: container, namespace = '', pod = '' } = key
    if (uid !== undefined) {
      const found = this.#at(uid) ?? this.#at(this.#static.get(uid))
      // A uid is unique; the names are held against it, since whoever writes into the directory chooses it.
      return found?.namespace === namespace && found.name === pod ? found : undefined
    }
    const named = (this.#named.get(`${namespace}/${pod}`) ?? []).map((known) => this.#at(known))
    if (container === undefined) return named.at(-1)
    return named.findLast((one) => one?.containerIds.some((id) => id.startsWith(container)))
  }

  #at(uid: string | undefined): Pod | undefined {
    return uid === undefined ? undefined : (this.#live.get(uid) ?? this.#ended.get(uid)?.pod)
  }

  #name({ uid, namespace, name, staticUid }: Pod): void {
    if (staticUid !== undefined) this.#static.set(staticUid, uid)
    const named = this.#named.get(`${namespace}/${name}`)
    if (named === undefined) this.#named.set(`${namespace}/${name}`, [uid])
    else if (!named.includes(uid)) named.push(uid)
  }

  #forgetEnded(): void {
    const now = this.#options.clock.monotonic()
    for (const [uid, { pod, until }] of this.#ended) {
      if (until > now && this.#ended.size <= mostEnded) return
      this.#ended.delete(uid)
      if (pod.staticUid !== undefined && this.#static.get(pod.staticUid) === uid)
        this.#static.delete(pod.staticUid)
      const key = `${pod.namespace}/${pod.name}`
      const others = this.#named.get(key)?.filter((other) => other !== uid) ?? []
      if (others.length > 0) this.#named.set(key, others)
      else this.#named.delete(key)
    }
  }
}
