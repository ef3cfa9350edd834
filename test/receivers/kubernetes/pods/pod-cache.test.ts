import { expect, test } from 'vitest'
import { systemClock } from '../../../../src/clock.ts'
import type { Pod } from '../../../../src/receivers/kubernetes/pods/pod.ts'
import { PodCache } from '../../../../src/receivers/kubernetes/pods/pod-cache.ts'

const pod = (uid: string, more: Partial<Pod> = {}): Pod => {
  const { namespace = 'shop', name = 'web-0' } = more
  return {
    uid,
    namespace,
    name,
    staticUid: undefined,
    labels: {},
    annotations: {},
    containerIds: [],
    images: new Map(),
    facts: { namespace, pod: name, pod_uid: uid },
    ...more,
  }
}

function cache(keep = 1_000) {
  let now = 0
  const changed: string[] = []
  const pods = new PodCache({
    keep,
    clock: { ...systemClock, monotonic: () => now },
    changed: ({ uid }) => changed.push(uid),
  })
  const later = (milliseconds: number) => {
    now += milliseconds
  }
  return { pods, changed, later }
}

test('a pod is known beyond its end for a while, and not longer', () => {
  const { pods, later } = cache()
  pods.put(pod('a'))
  pods.ended(pod('a', { labels: { last: 'state' } }))
  later(999)
  expect(pods.find({ namespace: 'shop', pod: 'web-0', pod_uid: 'a' })?.labels).toEqual({ last: 'state' })
  expect(pods.live).toBe(0)
  later(1)
  expect(pods.find({ namespace: 'shop', pod: 'web-0', pod_uid: 'a' })).toBeUndefined()
  expect(pods.find({ namespace: 'shop', pod: 'web-0' })).toBeUndefined()
  expect(pods.size).toBe(0)
})

test('however many pods live and end, what is kept is bounded', () => {
  const { pods } = cache(3_600_000)
  for (let i = 0; i < 5_000; i++) {
    pods.put(pod(`u${i}`, { name: `job-${i}` }))
    pods.ended(pod(`u${i}`, { name: `job-${i}` }))
  }
  expect(pods.size).toBe(1_000)
  expect(pods.find({ namespace: 'shop', pod: 'job-3999', pod_uid: 'u3999' })).toBeUndefined()
  expect(pods.find({ namespace: 'shop', pod: 'job-4000', pod_uid: 'u4000' })).toBeDefined()
})

test('of pods that had one name, the container tells, and otherwise the newest', () => {
  const { pods } = cache()
  pods.put(pod('a', { containerIds: ['c1', 'c2'] }))
  pods.put(pod('b', { containerIds: ['c3'] }))
  const name = { namespace: 'shop', pod: 'web-0' }
  expect(pods.find({ ...name, container_id: 'c2' })?.uid).toBe('a')
  expect(pods.find({ ...name, container_id: 'c3' })?.uid).toBe('b')
  expect(pods.find({ ...name, container_id: 'c4' })).toBeUndefined()
  expect(pods.find(name)?.uid).toBe('b')
})

test('a static pod is found by the hash that its path has, until it is another one', () => {
  const { pods, later } = cache()
  pods.put(pod('mirror-1', { staticUid: 'hash-1' }))
  const name = { namespace: 'shop', pod: 'web-0' }
  expect(pods.find({ ...name, pod_uid: 'hash-1' })?.uid).toBe('mirror-1')
  pods.ended(pod('mirror-1', { staticUid: 'hash-1' }))
  pods.put(pod('mirror-2', { staticUid: 'hash-2' }))
  later(2_000)
  expect(pods.find({ ...name, pod_uid: 'hash-1' })).toBeUndefined()
  expect(pods.find({ ...name, pod_uid: 'hash-2' })?.uid).toBe('mirror-2')
})

test('a path with the uid of one pod and the name of another is of nobody', () => {
  const { pods } = cache()
  pods.put(pod('a'))
  expect(pods.find({ namespace: 'shop', pod: 'web-1', pod_uid: 'a' })).toBeUndefined()
  expect(pods.find({ namespace: 'kube-system', pod: 'web-0', pod_uid: 'a' })).toBeUndefined()
})

test('a list ends what is not in it', () => {
  const { pods, changed } = cache()
  pods.replace([pod('a'), pod('b', { name: 'web-1' })])
  pods.replace([pod('b', { name: 'web-1' })])
  expect(pods.live).toBe(1)
  expect(pods.size).toBe(2)
  expect(changed).toEqual(['a', 'b', 'a', 'b'])
})
