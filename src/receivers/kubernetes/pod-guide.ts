/**
 * Which containers' logs are read, and whose each is.
 *
 * Invariants: a log of a pod that is not selected, or of the agent itself, is never opened; nothing of a pod that nobody
 * knows yet is read before `wait` is over, and then only where its path says that it is selected; what is followed is
 * followed to its end, whatever becomes of the pod's labels: who may change those must not be able to end an audit log.
 */
import type { Clock } from '../../clock.ts'
import type { PodFacts, StreamContext } from '../../event/record.ts'
import type { Log } from '../../telemetry/log.ts'
import type { FileGuide } from '../file/guide.ts'
import { factsOfPlace, LogFacts } from './pods/facts.ts'
import type { Pod } from './pods/pod.ts'
import type { PodCache } from './pods/pod-cache.ts'
import { RememberedPods } from './pods/remembered-pods.ts'
import { decisionKeyOf, type LogPlace, LogPlaces, podKeyOf } from './selection/log-place.ts'
import type { Selection } from './selection/selection.ts'

export interface PodGuideOptions {
  readonly node: string
  readonly selection: Selection
  readonly pods: PodCache
  /** Milliseconds that a log waits for its pod to be known. */
  readonly wait: number
  readonly clock: Clock
  readonly log: Log
  /** Counts a pod whose records go out with what the path says. */
  readonly unattributed: () => void
  /** Nobody has told of a pod whose log is there, and the wait is over. */
  readonly untold: () => void
}

interface Waiting {
  /** Monotonic milliseconds. */
  readonly since: number
  /** The same: when somebody met one of the paths last. */
  asked: number
  readonly paths: Set<string>
  /** That it is waited for longer, since only its labels or annotations say whether it is selected, has been said. */
  isTold: boolean
}

/** Pods that are remembered as followed, and pods that are waited for. */
const most = 10_000
/** Milliseconds. A log that no search has met for so long is not there any more. */
const unmet = 10 * 60_000

const warning =
  'the API server had not told of this pod when the record was read: what is known of it is what the path of its log says'

export class PodGuide implements FileGuide {
  readonly places = new LogPlaces()
  readonly remembered = new RememberedPods()
  readonly #options: PodGuideOptions
  readonly #facts = new LogFacts()
  /** Followed, by `decisionKeyOf`; the one asked about longest ago first. */
  readonly #taken = new Set<string>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #unattributed = new Set<string>()
  #starting = true
  #hasSaidOdd = false
  /** Monotonic milliseconds. */
  #begun = Number.NEGATIVE_INFINITY

  constructor(options: PodGuideOptions) {
    this.#options = options
  }

  /** This log was followed before the restart: its pod was selected then. */
  remember(path: string, pod: PodFacts | undefined, preset: string | undefined): void {
    const place = this.places.of(path)
    if (place === undefined || !this.#options.selection.mayTake(place)) return
    this.#take(decisionKeyOf(place))
    this.remembered.add(place, { pod, preset })
  }

  /** Pods whose logs are there and wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether nobody knows yet whose log this is, and it would be read. */
  isUnknown(path: string): boolean {
    const place = this.places.of(path)
    if (place === undefined || !this.#options.selection.mayTake(place)) return false
    return !this.#taken.has(decisionKeyOf(place)) && this.#options.pods.find(place) === undefined
  }

  /** From here on logs wait that are there. */
  begin(): void {
    this.#begun = this.#options.clock.monotonic()
  }

  /** From here on, a log whose pod is not known waits from when it is met. */
  started(): void {
    this.#starting = false
  }

  admits(path: string): boolean {
    const { selection, pods } = this.#options
    const place = this.places.of(path)
    if (place === undefined) {
      this.#sayOdd(path)
      return false
    }
    if (!selection.mayTake(place)) return false
    const key = decisionKeyOf(place)
    const pod = pods.find(place)
    if (pod === undefined) return this.#isTaken(key) || this.#waited(place, path)
    this.#waiting.delete(podKeyOf(place))
    const keys = [key, podKeyOf({ ...place, pod_uid: pod.uid })]
    const isTaken = !this.#starting && keys.some((one) => this.#isTaken(one))
    if (!isTaken && !selection.takes(pod)) {
      for (const one of keys) this.#taken.delete(one)
      return false
    }
    for (const one of keys) this.#take(one)
    return true
  }

  about(stream: StreamContext): StreamContext {
    const { node, pods, log } = this.#options
    const place = this.places.of(stream.path ?? '')
    if (place === undefined) return stream
    const known = stream.warnings === undefined ? stream.pod : undefined
    const pod = pods.find(place)
    if (pod !== undefined) {
      const facts = this.#facts.of(pod, place, known)
      if (facts === known) return stream
      const { warnings: _, ...rest } = stream
      return { ...rest, pod: facts }
    }
    // What was known of it last, be it before a restart.
    if (stream.pod !== undefined) return stream
    const remembered = this.remembered.facts(place)
    if (remembered !== undefined) return { ...stream, pod: remembered }
    if (this.#isNews(podKeyOf(place))) {
      this.#options.unattributed()
      log.warn(
        { namespace: place.namespace, pod: place.pod, container: place.container },
        'nobody has told of this pod: its records go out with what the path of its log says, and a warning',
      )
    }
    return { ...stream, pod: factsOfPlace(place, node), warnings: [warning] }
  }

  /** What waited for this pod, and what is to be looked at again. */
  released(pod: Pod): readonly string[] {
    const keys = [pod.uid, pod.staticUid ?? '', ''].map((uid) => `${pod.namespace}/${pod.name}/${uid}`)
    return keys.flatMap((key) => this.#release(key))
  }

  /** Whether logs of this pod may be there that are not followed since it was not selected before. */
  isNewlySelected(pod: Pod): boolean {
    const told = [pod.uid, ...(pod.staticUid === undefined ? [] : [pod.staticUid]), ...pod.containerIds]
    const keys = told.map((id) => `${pod.namespace}/${pod.name}/${id}`)
    return !keys.some((key) => this.#taken.has(key)) && this.#options.selection.takes(pod)
  }

  /** Logs that have waited long enough. */
  due(): readonly string[] {
    const { clock, wait, selection, untold, log } = this.#options
    const now = clock.monotonic()
    const paths: string[] = []
    for (const [key, waiting] of this.#waiting) {
      if (now - waiting.since < wait) continue
      if (now - waiting.asked > unmet) this.#waiting.delete(key)
      untold()
      if (!selection.needsPod) paths.push(...this.#release(key, false))
      else if (!waiting.isTold) {
        waiting.isTold = true
        log.warn(
          { pod: key, paths: waiting.paths.size },
          'nobody has told of this pod, and only its labels or annotations say whether it is selected: its logs are not opened until somebody does',
        )
      }
    }
    return paths
  }

  #release(key: string, forget = true): readonly string[] {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return []
    if (forget) this.#waiting.delete(key)
    return [...waiting.paths]
  }

  /** Of a pod that nobody knows: whether what its path says is enough by now. */
  #waited(place: LogPlace, path: string): boolean {
    const { clock, wait, selection } = this.#options
    const key = podKeyOf(place)
    const now = clock.monotonic()
    let waiting = this.#waiting.get(key)
    if (waiting === undefined) {
      if (this.#waiting.size >= most) this.#waiting.delete(this.#waiting.keys().next().value ?? '')
      waiting = {
        since: this.#starting ? this.#begun : now,
        asked: now,
        paths: new Set(),
        isTold: false,
      }
      this.#waiting.set(key, waiting)
    }
    waiting.paths.add(path)
    waiting.asked = now
    if (selection.needsPod || now - waiting.since < wait) return false
    this.#waiting.delete(key)
    this.#take(decisionKeyOf(place))
    return true
  }

  #sayOdd(path: string): void {
    if (this.#hasSaidOdd) return
    this.#hasSaidOdd = true
    this.#options.log.warn({ path }, 'by its name this is no log of a container: such files are not opened')
  }

  #isTaken(key: string): boolean {
    if (!this.#taken.has(key)) return false
    this.#take(key)
    return true
  }

  #take(key: string): void {
    this.#taken.delete(key)
    if (this.#taken.size >= most) this.#taken.delete(this.#taken.keys().next().value ?? '')
    this.#taken.add(key)
  }

  #isNews(key: string): boolean {
    if (this.#unattributed.has(key)) return false
    if (this.#unattributed.size >= most) this.#unattributed.clear()
    this.#unattributed.add(key)
    return true
  }
}
