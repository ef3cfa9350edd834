// A node with pods, and the real process: what events say of them, inline and by a worker thread.
import { expect, test, vi } from 'vitest'
import { Node } from '../receivers/kubernetes/node.ts'
import { WorkDirectory } from './agent-process.ts'
import { runOnce } from './run-once.ts'

vi.setConfig({ testTimeout: 60_000 })

test.each([0, 1])('`run --once` with workers: %i', async (workers) => {
  await using node = await Node.create()
  using directory = new WorkDirectory()
  const uid = node.api.put({
    name: 'billing-6b7c9d-x2x4k',
    namespace: 'shop',
    labels: { app: 'billing', 'pod-template-hash': '6b7c9d' },
    annotations: { 'affiant.dev/mapping.app': 'orders', 'affiant.dev/preset.side': 'no_such' },
    owner: { kind: 'ReplicaSet', name: 'billing-6b7c9d' },
    containers: ['app', 'side'],
  })
  const pod = { namespace: 'shop', pod: 'billing-6b7c9d-x2x4k', uid }
  node.container(pod).write('{"user":"u_1","verb":"refund"}')
  node.container({ ...pod, container: 'side' }).write('{"user":"u_2","event":"side.read"}')
  node.container({ namespace: 'shop', pod: 'ghost', uid: 'g' }).write('{"user":"u_3","event":"ghost.read"}')
  const hidden = node.api.put({ name: 'hidden', namespace: 'kube-system' })
  node
    .container({ namespace: 'kube-system', pod: 'hidden', uid: hidden })
    .write('{"user":"u_4","event":"none"}')
  const pods = {
    type: 'kubernetes',
    directory: `${node.directory}/pods`,
    node: 'node-1',
    cluster: 'eu-1',
    api: { url: node.api.url },
    attribution: { wait: '500ms' },
    pods: { exclude_namespaces: ['kube-*'] },
    mappings: { orders: { extends: 'json', action: { template: 'orders.{verb}' } } },
  }
  const { events, own } = await runOnce(directory, { pods }, workers)
  const of = (user: string) => events.find(({ actor }) => actor.id === user)
  expect(events).toHaveLength(3)
  expect(of('u_1')).toMatchObject({
    action: 'orders.refund',
    producer: { host: 'billing-6b7c9d-x2x4k', service: 'billing' },
    provenance: { preset: 'orders' },
    scope: [
      { id: 'eu-1', type: 'cluster' },
      { id: 'node-1', type: 'node' },
      { id: 'shop', type: 'namespace' },
      { id: 'billing', type: 'workload' },
      { id: 'billing-6b7c9d-x2x4k', type: 'pod' },
      { id: 'app', type: 'container' },
    ],
    metadata: {
      container: { output: 'stdout' },
      kubernetes: {
        container: 'app',
        image: 'registry.example/app:1.2.3',
        labels: { app: 'billing', 'pod-template-hash': '6b7c9d' },
        namespace: 'shop',
        node: 'node-1',
        pod: 'billing-6b7c9d-x2x4k',
        pod_uid: uid,
        workload: { kind: 'Deployment', name: 'billing' },
      },
    },
  })
  expect(of('u_1')!.quality.warnings).toBeUndefined()
  expect(of('u_2')!.provenance.preset).toBe('json')
  expect(of('u_3')).toMatchObject({
    metadata: {
      kubernetes: { namespace: 'shop', pod: 'ghost', pod_uid: 'g', container: 'app', node: 'node-1' },
    },
    quality: { warnings: [expect.stringContaining('the API server had not told of this pod')] },
  })
  expect(of('u_3')!.provenance).not.toHaveProperty('preset')
  expect(own.filter(({ action }) => action === 'affiant.annotation.refused')).toMatchObject([
    {
      targets: [{ id: 'shop/billing-6b7c9d-x2x4k', type: 'pod' }],
      metadata: { container: 'side', value: 'no_such', preset: 'json' },
    },
  ])
})
