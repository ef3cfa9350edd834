/**
 * Whose pod it is: what people know it by. The controller that made the pod is in its `ownerReferences`; who made that is
 * told by its name, as the controllers of Kubernetes make names, so that nothing but pods need be read.
 */
import type { PodFacts } from '../../../event/record.ts'
import { isObject, listAt, type Received, textAt } from '../api/received.ts'

type Workload = NonNullable<PodFacts['workload']>

/** The Deployment controller puts it on each pod, and behind the name of each ReplicaSet. */
const templateHash = 'pod-template-hash'
/** Milliseconds that a CronJob's pod may be created after the minute that its Job is named after. */
const scheduledWithin = 24 * 3_600_000

/** Undefined for a pod that nobody made but a person. */
export function workloadOf(
  metadata: Received,
  labels: Readonly<Record<string, string>>,
): Workload | undefined {
  const owner = listAt(metadata, 'ownerReferences').find((reference) => isController(reference))
  const [kind, name] = [textAt(owner, 'kind'), textAt(owner, 'name')]
  if (kind === undefined || name === undefined) return undefined
  // A static pod's mirror is owned by its node, which is no workload.
  if (kind === 'Node') return undefined
  if (kind === 'ReplicaSet') {
    const suffix = `-${labels[templateHash] ?? ''}`
    const isOfDeployment = suffix.length > 1 && name.length > suffix.length && name.endsWith(suffix)
    return isOfDeployment ? { kind: 'Deployment', name: name.slice(0, -suffix.length) } : { kind, name }
  }
  if (kind === 'Job') {
    const cronJob = cronJobOf(name, Date.parse(textAt(metadata, 'creationTimestamp') ?? ''))
    return cronJob === undefined ? { kind, name } : { kind: 'CronJob', name: cronJob }
  }
  return { kind, name }
}

const isController = (reference: unknown): boolean => isObject(reference) && reference.controller === true

/** `<name>-<minutes since 1970>` of when it was due, which is when it was created, or before. */
function cronJobOf(job: string, created: number): string | undefined {
  const [, name, minutes] = /^(.+)-(\d{8,9})$/.exec(job) ?? []
  if (name === undefined) return undefined
  const late = created - Number(minutes) * 60_000
  return late >= -60_000 && late <= scheduledWithin ? name : undefined
}
