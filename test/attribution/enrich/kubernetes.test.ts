import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { enrichConfig } from '../../../src/attribution/enrich/config.ts'
import { kubernetesEnricher, podOfPath } from '../../../src/attribution/enrich/kubernetes.ts'
import { readPodInfo } from '../../../src/attribution/enrich/pod-info.ts'
import { WatchedFiles } from '../../../src/attribution/enrich/watched-file.ts'
import { scratchDirectory } from '../../scratch-directory.ts'

const directory = scratchDirectory('kubernetes')
const uid = '7f0c4b5e-8d0f-4a9e-9d4b-0c1f2a3b4c5d'
const pod = { namespace: 'shop', pod: 'billing-6b7c-x2x', container: 'app' }

const cutLinkEnd = `_shop_app-${'0a'.repeat(10)}.log`
const longPod = 'p'.repeat(255 - cutLinkEnd.length)
const cutLink = `/var/log/containers/${longPod}${cutLinkEnd}`

test.each([
  [`/var/log/pods/shop_billing-6b7c-x2x_${uid}/app/0.log`, { ...pod, pod_uid: uid }],
  [`/var/log/pods/shop_billing-6b7c-x2x_${uid}/app/0.log.20261130-101112.gz`, { ...pod, pod_uid: uid }],
  [
    `/var/log/containers/billing-6b7c-x2x_shop_app-${'0a'.repeat(32)}.log`,
    { ...pod, container_id: '0a'.repeat(32) },
  ],
  // Kubelet cuts a name that a file cannot have.
  [cutLink, { ...pod, pod: longPod, container_id: '0a'.repeat(10) }],
  ['/var/log/containers/billing-6b7c-x2x_shop_app-0a0a0a0a0a0a0a0a.log', undefined],
  ['/var/log/app/shop_billing_1/0.log', undefined],
  ['/var/log/containers/app.log', undefined],
])('%s', (path, expected) => {
  expect(podOfPath(path)).toEqual(expected)
})

const stream = (path: string) => ({ id: '0'.repeat(32), receiver: 'app', path })

test('the names of a path, with cluster and node, in canonical order', () => {
  const { additionsFor } = kubernetesEnricher({ from: 'path', cluster: 'c1', node: 'n1' }, new WatchedFiles())
  const [scope, metadata] = additionsFor(stream(`/var/log/pods/shop_billing_${uid}/app/0.log`))
  expect(scope!.value).toEqual([
    { id: 'c1', type: 'cluster' },
    { id: 'shop', type: 'namespace' },
  ])
  expect(JSON.stringify(metadata!.value)).toBe(
    `{"container":"app","namespace":"shop","node":"n1","pod":"billing","pod_uid":"${uid}"}`,
  )
  expect(additionsFor(stream('/var/log/audit/audit.log'))).toEqual([])
})

test('the pod that the agent is in: its labels are followed as they change', async () => {
  const labels = join(directory, 'labels')
  writeFileSync(labels, 'app.kubernetes.io/name="billing"\nteam="pay\\"ments\\u00fc"\n')
  const files = new WatchedFiles()
  const enricher = kubernetesEnricher({ from: 'pod', namespace: 'shop', pod: 'billing-0', labels }, files)
  const kubernetes = () => enricher.additionsFor(stream('/x.log')).at(-1)!.value
  const known = { namespace: 'shop', pod: 'billing-0' }
  expect(kubernetes()).toEqual({
    ...known,
    labels: { 'app.kubernetes.io/name': 'billing', team: 'pay"mentsü' },
  })
  writeFileSync(join(directory, 'new'), 'team="orders"\n')
  renameSync(join(directory, 'new'), labels)
  await files.look()
  expect(kubernetes()).toEqual({ ...known, labels: { team: 'orders' } })
})

test('values are quoted as Go quotes them', () => {
  const text = [String.raw`b="\x7f\a\v\U0001f600\t'"`, 'a=""', '10="x"', ''].join('\n')
  expect(readPodInfo(Buffer.from(text))).toEqual({ a: '', b: "\x7f\x07\v😀\t'" })
  expect(() => readPodInfo(Buffer.from('a="b"\nc=d\n'))).toThrow('line 2: is not key="value"')
})

test("the agent's own pod is what its environment says, and no matter where paths say it", () => {
  vi.stubEnv('POD_NAME', 'agent-0')
  vi.stubEnv('NODE_NAME', 'n1')
  expect(enrichConfig.parse([{ kubernetes: {} }, { kubernetes: { from: 'pod' } }])).toEqual([
    { kubernetes: { from: 'path', node: 'n1' } },
    { kubernetes: { from: 'pod', node: 'n1', pod: 'agent-0' } },
  ])
  vi.unstubAllEnvs()
})
