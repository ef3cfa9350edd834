/**
 * Which pod and container wrote it. From the names under which kubelet keeps containers' logs, from what the API server says
 * of them (which a stream of the `kubernetes` receiver brings along), or, in a sidecar, from what the downward API says about
 * the pod that the agent is in.
 * https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
import type { PodFacts as LogFacts, StreamContext } from '../../event/record.ts'
import { type Addition, type Additions, nothingToAdd, type StreamEnricher } from './contract.ts'
import { ofPath } from './path.ts'
import { readPodInfo } from './pod-info.ts'
import type { WatchedFiles } from './watched-file.ts'

export interface KubernetesSpec {
  /** path: the file's name says which pod; pod: it is the one that the agent is in. */
  readonly from: 'path' | 'pod'
  readonly cluster?: string | undefined
  readonly node?: string | undefined
  /** Of the agent's own pod, with `from: pod`. */
  readonly namespace?: string | undefined
  readonly pod?: string | undefined
  readonly pod_uid?: string | undefined
  readonly container?: string | undefined
  /** Files of a downward API volume: `key="value"` lines. */
  readonly labels?: string | undefined
  readonly annotations?: string | undefined
}

/** What names a pod. */
export interface PodIdentity {
  readonly namespace?: string | undefined
  readonly pod?: string | undefined
  readonly pod_uid?: string | undefined
  readonly container?: string | undefined
  /** At its runtime, or how that begins. */
  readonly container_id?: string | undefined
}

/** Who knows more about pods: files of the downward API. */
interface PodSource {
  readonly version: number
  facts(pod: PodIdentity): PodFacts
}

interface PodFacts {
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

export function kubernetesEnricher(spec: KubernetesSpec, files: WatchedFiles): StreamEnricher {
  const source = spec.from === 'pod' ? downwardApi(spec, files) : unknownPods
  return {
    kind: 'kubernetes',
    reads: 'stream',
    sets: spec.from === 'pod' ? ['metadata.kubernetes', 'scope'] : [...ofPods],
    get version() {
      return source.version
    },
    additionsFor: spec.from === 'pod' ? ofOwnPod(spec, source) : ofPodPath(spec, source),
  }
}

/** What is known of pods that others are in. */
const ofPods = ['metadata.kubernetes', 'producer.host', 'producer.service', 'scope'] as const

function ofPodPath(spec: KubernetesSpec, source: PodSource): (stream: StreamContext) => Additions {
  const byFacts = new WeakMap<LogFacts, Additions>()
  const byPath = ofPath(
    (path) => {
      const pod = podOfPath(path)
      return pod === undefined ? nothingToAdd : additionsOf(pod, spec, source.facts(pod))
    },
    () => source.version,
  )
  return (stream) => {
    const { pod } = stream
    if (pod === undefined) return byPath(stream)
    const known = byFacts.get(pod) ?? additionsOfFacts(pod, spec)
    byFacts.set(pod, known)
    return known
  }
}

function ofOwnPod(spec: KubernetesSpec, source: PodSource): () => Additions {
  let at = source.version
  let additions = additionsOf(spec, spec, source.facts(spec))
  return () => {
    if (at !== source.version) {
      at = source.version
      additions = additionsOf(spec, spec, source.facts(spec))
    }
    return additions
  }
}

/** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/0.log`, rotated ones included; none of the names has a `_`. */
const podPath = /\/pods\/([^/_]+)_([^/_]+)_([^/_]+)\/([^/]+)\/[^/]+$/
/** `/var/log/containers/<pod>_<namespace>_<container>-<id>.log` */
const containerPath = /\/containers\/(([^/_]+)_([^/_]+)_([^/_]+)-([0-9a-f]{12,64})\.log)[^/]*$/
/** Characters of a file's name: where names are long, kubelet cuts the id. */
const longestName = 255

/** The pod whose container's log lies at a path; undefined of any other path. */
export function podOfPath(path: string): PodIdentity | undefined {
  const inPods = podPath.exec(path)
  if (inPods !== null) {
    const [, namespace, pod, pod_uid, container] = inPods
    return { namespace, pod, pod_uid, container }
  }
  const link = containerPath.exec(path)
  if (link === null) return undefined
  const [, name = '', pod, namespace, container, container_id = ''] = link
  if (container_id.length < 64 && name.length < longestName) return undefined
  return { namespace, pod, container, container_id }
}

const unknownPods: PodSource = { version: 0, facts: () => ({}) }

function downwardApi({ labels, annotations }: KubernetesSpec, files: WatchedFiles): PodSource {
  const open = (path: string | undefined) =>
    path === undefined
      ? undefined
      : files.open(path, { key: 'podinfo', maxBytes: 1024 ** 2, parse: readPodInfo })
  const opened = { labels: open(labels), annotations: open(annotations) }
  return {
    get version() {
      return (opened.labels?.version ?? 0) + (opened.annotations?.version ?? 0)
    },
    facts: () => ({ labels: opened.labels?.value, annotations: opened.annotations?.value }),
  }
}

function additionsOf(pod: PodIdentity, { cluster, node }: KubernetesSpec, facts: PodFacts): Additions {
  const { namespace } = pod
  const scope = [
    ...(cluster === undefined ? [] : [{ id: cluster, type: 'cluster' }]),
    ...(namespace === undefined ? [] : [{ id: namespace, type: 'namespace' }]),
  ]
  // In canonical order.
  const members = {
    annotations: facts.annotations,
    container: pod.container,
    labels: facts.labels,
    namespace,
    node,
    pod: pod.pod,
    pod_uid: pod.pod_uid,
  }
  const known = Object.entries(members).filter(
    ([, value]) => value !== undefined && (typeof value === 'string' || Object.keys(value).length > 0),
  )
  const additions: Addition[] = []
  if (scope.length > 0) additions.push({ member: 'scope', path: ['scope'], value: scope })
  if (known.length > 0) {
    const value = Object.freeze(Object.fromEntries(known))
    additions.push({ member: 'metadata.kubernetes', path: ['metadata', 'kubernetes'], value })
  }
  return additions
}

/** Of a container's log whose pod is known, or of which its path is all that is. */
function additionsOfFacts(facts: LogFacts, { cluster, node: ownNode }: KubernetesSpec): Additions {
  const { host, workload, ...members } = facts
  const node = members.node ?? ownNode
  const levels = { cluster, node, namespace: facts.namespace, workload: workload?.name, pod: facts.pod }
  const scope = Object.entries({ ...levels, container: facts.container }).flatMap(([type, id]) =>
    id === undefined ? [] : [Object.freeze({ id, type })],
  )
  const known = { ...members, ...(node !== undefined && { node }), ...(workload && { workload }) }
  const sorted = Object.entries(known).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const value = Object.freeze(Object.fromEntries(sorted))
  const producer = Object.entries({ host, service: workload?.name }).flatMap(([name, text]): Addition[] =>
    text === undefined ? [] : [{ member: `producer.${name}`, path: ['producer', name], value: text }],
  )
  return [
    { member: 'scope', path: ['scope'], value: scope },
    { member: 'metadata.kubernetes', path: ['metadata', 'kubernetes'], value },
    ...producer,
  ]
}
