/** What of a pod is kept: what its records are told by, and what decides about them. */
import type { PodFacts } from '../../../event/record.ts'
import { isObject, listAt, objectAt, type Received, textAt } from '../api/received.ts'
import { workloadOf } from './workload.ts'

export interface Pod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** As kubelet knows a pod that no API server made: its hash, which stands in paths in place of the uid. */
  readonly staticUid: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Ids of its containers at their runtime, by which links name them. */
  readonly containerIds: readonly string[]
  /** By container; init and ephemeral ones included. */
  readonly images: ReadonlyMap<string, string>
  /** The same for all of its containers, but for the image. */
  readonly facts: PodFacts
}

/** Which labels and annotations become part of events; annotations that nothing else asks for are not kept at all. */
export interface PodReading {
  readonly labels: (name: string) => boolean
  readonly annotations: (name: string) => boolean
  readonly keepsAnnotation: (name: string) => boolean
}

/** What kubelet writes on the mirror of a static pod. */
const staticHash = ['kubernetes.io/config.hash', 'kubernetes.io/config.mirror']

/** Undefined where it has no name, which no pod of an API server is without. */
export function readPod(received: Received, reading: PodReading): Pod | undefined {
  const metadata = objectAt(received, 'metadata')
  const spec = objectAt(received, 'spec')
  const status = objectAt(received, 'status')
  const uid = textAt(metadata, 'uid')
  const namespace = textAt(metadata, 'namespace')
  const name = textAt(metadata, 'name')
  if (uid === undefined || namespace === undefined || name === undefined) return undefined
  const labels = texts(metadata.labels, () => true)
  const annotations = texts(metadata.annotations, () => true)
  const workload = workloadOf(metadata, labels)
  const serviceAccount = textAt(spec, 'serviceAccountName')
  const node = textAt(spec, 'nodeName')
  const host = spec.hostNetwork === true ? node : hostOf(spec, name)
  const shown = {
    labels: filtered(labels, reading.labels),
    annotations: filtered(annotations, reading.annotations),
  }
  return {
    uid,
    namespace,
    name,
    staticUid: staticHash.map((key) => annotations[key]).find((hash) => hash !== undefined && hash !== uid),
    labels,
    annotations: filtered(annotations, reading.keepsAnnotation),
    containerIds: containerIds(status),
    images: imagesOf(spec),
    facts: {
      namespace,
      pod: name,
      pod_uid: uid,
      ...(node === undefined ? {} : { node }),
      ...(host === undefined ? {} : { host }),
      ...(workload && { workload }),
      ...(serviceAccount === undefined ? {} : { service_account: serviceAccount }),
      ...(Object.keys(shown.labels).length > 0 && { labels: shown.labels }),
      ...(Object.keys(shown.annotations).length > 0 && { annotations: shown.annotations }),
    },
  }
}

/** Characters of a host's name; kubelet cuts longer ones. */
const longestHost = 63

/** What uname says in its containers; undefined where that ends in the cluster's domain, which no pod knows. */
function hostOf(spec: Received, name: string): string | undefined {
  const override = textAt(spec, 'hostnameOverride')
  if (override !== undefined) return override
  if (spec.setHostnameAsFQDN === true && textAt(spec, 'subdomain') !== undefined) return undefined
  return (textAt(spec, 'hostname') ?? name).slice(0, longestHost).replace(/[-.]+$/, '')
}

const kindsOfContainers = ['initContainers', 'containers', 'ephemeralContainers']

function imagesOf(spec: Received): Map<string, string> {
  const images = new Map<string, string>()
  for (const container of kindsOfContainers.flatMap((kind) => listAt(spec, kind))) {
    const [name, image] = [textAt(container, 'name'), textAt(container, 'image')]
    if (name !== undefined && image !== undefined) images.set(name, image)
  }
  return images
}

/** `containerd://<id>`; those of the run before, too, whose log may still be there. */
function containerIds(status: Received): string[] {
  return kindsOfContainers
    .map((kind) => `${kind.slice(0, -1)}Statuses`)
    .flatMap((kind) => listAt(status, kind))
    .flatMap((container) => [
      textAt(container, 'containerID'),
      textAt(objectAt(objectAt(container, 'lastState'), 'terminated'), 'containerID'),
    ])
    .flatMap((id) => (id === undefined ? [] : [id.slice(id.indexOf('://') + 3)]))
}

/** In canonical order. A name of digits alone would not keep its place in an object. */
function texts(value: unknown, wanted: (name: string) => boolean): Readonly<Record<string, string>> {
  const entries = Object.entries(isObject(value) ? value : {}).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && !/^\d+$/.test(entry[0]) && wanted(entry[0]),
  )
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const filtered = (map: Readonly<Record<string, string>>, wanted: (name: string) => boolean) =>
  texts(map, wanted)
