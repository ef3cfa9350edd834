import { expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { PodGuide } from '../../../src/receivers/kubernetes/pod-guide.ts'
import type { Pod } from '../../../src/receivers/kubernetes/pods/pod.ts'
import { PodCache } from '../../../src/receivers/kubernetes/pods/pod-cache.ts'
import { Selection } from '../../../src/receivers/kubernetes/selection/selection.ts'
import { silentLog } from '../../../src/telemetry/log.ts'

const wait = 5_000

function guided(spec: { readonly labels?: string } = {}) {
  let now = 1_000
  let unattributed = 0
  let untold = 0
  const clock = { ...systemClock, monotonic: () => now }
  const pods = new PodCache({ keep: 60_000, clock, changed: () => {} })
  const every = { namespaces: [], exclude_namespaces: ['kube-*'], containers: [], exclude_containers: [] }
  const own = { namespace: 'audit', pod: 'affiant-x', pod_uid: undefined }
  const guide = new PodGuide({
    node: 'node-1',
    selection: new Selection({ ...every, ...spec }, own),
    pods,
    wait,
    clock,
    log: silentLog,
    unattributed: () => {
      unattributed++
    },
    untold: () => {
      untold++
    },
  })
  guide.begin()
  guide.started()
  const later = (milliseconds: number) => {
    now += milliseconds
  }
  return { guide, pods, later, unattributed: () => unattributed, untold: () => untold }
}

const pathOf = (pod: string, namespace = 'shop') => `/var/log/pods/${namespace}_${pod}_u-${pod}/app/0.log`

const pod = (name: string, labels: Readonly<Record<string, string>> = {}): Pod => ({
  uid: `u-${name}`,
  namespace: 'shop',
  name,
  staticUid: undefined,
  labels,
  annotations: {},
  containerIds: [],
  images: new Map(),
  facts: { namespace: 'shop', pod: name, pod_uid: `u-${name}`, labels },
})

test('an unknown pod is admitted once the wait is over, from when its log was met first', () => {
  const { guide, later } = guided()
  const path = pathOf('web')
  expect(guide.admits(path)).toBe(false)
  later(wait - 1)
  expect(guide.due()).toEqual([])
  expect(guide.admits(path)).toBe(false)
  later(1)
  expect(guide.due()).toEqual([path])
  expect(guide.admits(path)).toBe(true)
  expect(guide.waiting).toBe(0)
})

test('where labels decide, it is not, and is forgotten when its log is not met any more', () => {
  const { guide, pods, later, untold } = guided({ labels: 'app=web' })
  const [web, ghost] = [pathOf('web'), pathOf('ghost')]
  expect([web, ghost].map((path) => guide.admits(path))).toEqual([false, false])
  expect(untold()).toBe(0)
  later(3_600_000)
  expect(guide.admits(web)).toBe(false)
  expect(guide.due()).toEqual([])
  // Somebody is to ask again.
  expect(untold()).toBeGreaterThan(0)
  expect(guide.waiting).toBe(1)
  pods.put(pod('web', { app: 'web' }))
  expect(guide.released(pod('web'))).toEqual([web])
  expect(guide.admits(web)).toBe(true)
  expect(guide.waiting).toBe(0)
})

test('what is followed stays so when the label goes; what is not is when it comes', () => {
  const { guide, pods } = guided({ labels: 'app=web' })
  pods.put(pod('web', { app: 'web' }))
  pods.put(pod('api'))
  expect([pathOf('web'), pathOf('api')].map((path) => guide.admits(path))).toEqual([true, false])
  pods.put(pod('web'))
  pods.put(pod('api', { app: 'web' }))
  expect(guide.isNewlySelected(pod('api', { app: 'web' }))).toBe(true)
  expect(guide.isNewlySelected(pod('web'))).toBe(false)
  expect([pathOf('web'), pathOf('api')].map((path) => guide.admits(path))).toEqual([true, true])
})

test('paths that are no container logs, namespaces that are excluded, and its own are not admitted, known or not', () => {
  const { guide, later } = guided()
  const paths = [
    '/var/log/pods/x/0.log',
    '/var/log/app.log',
    pathOf('dns', 'kube-system'),
    pathOf('affiant-x', 'audit'),
  ]
  for (const path of paths) expect(guide.admits(path)).toBe(false)
  later(wait)
  for (const path of paths) expect(guide.admits(path)).toBe(false)
  expect(guide.waiting).toBe(0)
})

test('however many logs wait, what is held of them is bounded', () => {
  const { guide } = guided()
  for (let i = 0; i < 12_000; i++) guide.admits(pathOf(`p${i}`))
  expect(guide.waiting).toBe(10_000)
})

test('a pod that is not known is told of once, and its facts are replaced as soon as it is', () => {
  const { guide, pods, unattributed } = guided()
  const stream = { id: '0'.repeat(32), receiver: 'pods', path: pathOf('web') }
  const first = guide.about(stream)
  expect(first).toMatchObject({ pod: { pod: 'web', node: 'node-1' }, warnings: [expect.any(String)] })
  expect(guide.about(first)).toBe(first)
  guide.about({ ...stream, id: '1'.repeat(32) })
  expect(unattributed()).toBe(1)
  pods.put(pod('web', { a: 'b' }))
  const known = guide.about(first)
  expect(known).not.toHaveProperty('warnings')
  expect(known.pod!.labels).toEqual({ a: 'b' })
  // A change that events do not show is none.
  pods.put(pod('web', { a: 'b' }))
  expect(guide.about(known)).toBe(known)
  pods.put(pod('web', { a: 'c' }))
  expect(guide.about(known).pod!.labels).toEqual({ a: 'c' })
})
