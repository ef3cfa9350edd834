import { expect, test } from 'vitest'
import { readPod } from '../../../../src/receivers/kubernetes/pods/pod.ts'
import { workloadOf } from '../../../../src/receivers/kubernetes/pods/workload.ts'

const all = { labels: () => true, annotations: () => true, keepsAnnotation: () => true }

// A pod of a cluster of version 1.34, shortened.
const received = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: {
    name: 'billing-6b7c9d-x2x4k',
    generateName: 'billing-6b7c9d-',
    namespace: 'shop',
    uid: '7f0c4b5e-8d0f-4a9e-9d4b-0c1f2a3b4c5d',
    resourceVersion: '4711',
    creationTimestamp: '2026-11-30T10:00:00Z',
    labels: { 'pod-template-hash': '6b7c9d', app: 'billing', '12': 'no place of its own' },
    annotations: { 'kubernetes.io/config.seen': 'x', note: 'n', wrong: 7 },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u1' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'billing-6b7c9d', uid: 'u2', controller: true },
    ],
  },
  spec: {
    initContainers: [{ name: 'migrate', image: 'registry.example/migrate:1' }],
    containers: [{ name: 'app', image: 'registry.example/app@sha256:abc' }, { name: 'odd' }],
    ephemeralContainers: [{ name: 'debugger', image: 'busybox' }],
    nodeName: 'node-7',
    serviceAccountName: 'billing',
  },
  status: {
    initContainerStatuses: [{ name: 'migrate', containerID: 'containerd://11' }],
    containerStatuses: [
      {
        name: 'app',
        containerID: 'containerd://33',
        lastState: { terminated: { containerID: 'containerd://22' } },
      },
    ],
  },
}

test('what is kept of a pod', () => {
  const pod = readPod(received, { ...all, annotations: (name) => name === 'note' })
  expect(pod).toMatchObject({
    uid: '7f0c4b5e-8d0f-4a9e-9d4b-0c1f2a3b4c5d',
    staticUid: undefined,
    labels: { app: 'billing', 'pod-template-hash': '6b7c9d' },
    annotations: { 'kubernetes.io/config.seen': 'x', note: 'n' },
    containerIds: ['11', '33', '22'],
  })
  expect(Object.fromEntries(pod!.images)).toEqual({
    app: 'registry.example/app@sha256:abc',
    debugger: 'busybox',
    migrate: 'registry.example/migrate:1',
  })
  expect(pod!.facts).toEqual({
    namespace: 'shop',
    pod: 'billing-6b7c9d-x2x4k',
    pod_uid: '7f0c4b5e-8d0f-4a9e-9d4b-0c1f2a3b4c5d',
    node: 'node-7',
    host: 'billing-6b7c9d-x2x4k',
    workload: { kind: 'Deployment', name: 'billing' },
    service_account: 'billing',
    labels: { app: 'billing', 'pod-template-hash': '6b7c9d' },
    annotations: { note: 'n' },
  })
})

test.each([
  ['its name', 'web-0', {}, 'web-0'],
  ['the hostname that it is given', 'web-0', { hostname: 'first', subdomain: 'web' }, 'first'],
  ['the name of the node, whose network it has', 'web-0', { hostNetwork: true, hostname: 'first' }, 'node-7'],
  ['as kubelet cuts it', `${'a'.repeat(62)}-5b`, {}, 'a'.repeat(62)],
  ['what overrides all of that', 'web-0', { hostname: 'first', hostnameOverride: 'db.corp' }, 'db.corp'],
  [
    'nothing, where a domain comes with it',
    'web-0',
    { setHostnameAsFQDN: true, subdomain: 'web' },
    undefined,
  ],
  ['its name, where that domain would', 'web-0', { setHostnameAsFQDN: true }, 'web-0'],
])('what its containers take for their host: %s', (_what, name, spec, host) => {
  const pod = { metadata: { name, namespace: 'shop', uid: 'u' }, spec: { nodeName: 'node-7', ...spec } }
  expect(readPod(pod, all)?.facts.host).toBe(host)
})

test('a static pod is known by its hash, too', () => {
  const annotations = { 'kubernetes.io/config.hash': 'fa1e', 'kubernetes.io/config.mirror': 'fa1e' }
  const metadata = { name: 'etcd-node-7', namespace: 'kube-system', uid: 'u', annotations }
  expect(readPod({ metadata }, all)?.staticUid).toBe('fa1e')
})

test('what is no pod is none', () => {
  for (const metadata of [undefined, {}, { name: 'a' }, { name: 'a', namespace: 'b', uid: 7 }])
    expect(readPod({ metadata }, all)).toBeUndefined()
})

const created = '2026-11-30T10:00:05Z'
const due = Date.parse('2026-11-30T10:00:00Z') / 60_000

test.each([
  ['ReplicaSet', 'billing-6b7c9d', { kind: 'Deployment', name: 'billing' }],
  // Made by hand, or by another controller: that it is.
  ['ReplicaSet', 'billing-other', { kind: 'ReplicaSet', name: 'billing-other' }],
  ['ReplicaSet', '-6b7c9d', { kind: 'ReplicaSet', name: '-6b7c9d' }],
  ['StatefulSet', 'db', { kind: 'StatefulSet', name: 'db' }],
  ['DaemonSet', 'agent', { kind: 'DaemonSet', name: 'agent' }],
  ['Rollout', 'canary', { kind: 'Rollout', name: 'canary' }],
  ['Job', `report-${due}`, { kind: 'CronJob', name: 'report' }],
  ['Job', `report-${due - 60}`, { kind: 'CronJob', name: 'report' }],
  ['Job', `report-${due - 60 * 48}`, { kind: 'Job', name: `report-${due - 60 * 48}` }],
  ['Job', `report-${due + 5}`, { kind: 'Job', name: `report-${due + 5}` }],
  ['Job', 'report-20261130', { kind: 'Job', name: 'report-20261130' }],
  ['Job', 'once', { kind: 'Job', name: 'once' }],
  ['Node', 'node-7', undefined],
])('who made it: %s %s', (kind, name, expected) => {
  const metadata = { creationTimestamp: created, ownerReferences: [{ kind, name, controller: true }] }
  expect(workloadOf(metadata, { 'pod-template-hash': '6b7c9d' })).toEqual(expected)
})

test('without a controller nobody made it', () => {
  expect(workloadOf({ ownerReferences: [{ kind: 'ReplicaSet', name: 'a' }] }, {})).toBeUndefined()
  expect(
    workloadOf({ ownerReferences: [{ kind: 'ReplicaSet', name: 'a-b', controller: true }] }, {}),
  ).toEqual({
    kind: 'ReplicaSet',
    name: 'a-b',
  })
})

test.each([
  [{}, 'web-0'],
  [{ hostname: 'web', subdomain: 'web' }, 'web'],
  [{ hostNetwork: true, hostname: 'web' }, 'node-7'],
])('what its containers take for the name of their host, with %j', (spec, host) => {
  const metadata = { name: 'web-0', namespace: 'shop', uid: 'u' }
  expect(readPod({ metadata, spec: { nodeName: 'node-7', ...spec } }, all)?.facts.host).toBe(host)
})
