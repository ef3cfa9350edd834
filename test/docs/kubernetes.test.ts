// What docs/receivers-kubernetes.md shows beside configurations: rights, environment, annotations, and what events say.
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { kubernetesEnricher } from '../../src/attribution/enrich/kubernetes.ts'
import { WatchedFiles } from '../../src/attribution/enrich/watched-file.ts'
import { namedReading } from '../../src/receivers/kubernetes/annotations.ts'
import { LogFacts } from '../../src/receivers/kubernetes/pods/facts.ts'
import { readPod } from '../../src/receivers/kubernetes/pods/pod.ts'
import { ownPod } from '../../src/receivers/kubernetes/surroundings.ts'
import { Node } from '../receivers/kubernetes/node.ts'
import { until } from '../receivers/until.ts'
import { blocksOf } from './blocks.ts'

const page = 'docs/receivers-kubernetes.md'
const only = (language: string) => {
  const found = blocksOf(language).filter((block) => block.page === page)
  expect(found).toHaveLength(1)
  return found[0]!.text
}

test('the rights are those that are used, and no more', async () => {
  const [role, binding] = parseAllDocuments(only('yaml manifest')).map((document) => document.toJS())
  expect(role.rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }])
  expect(binding.roleRef.name).toBe(role.metadata.name)
  await using node = await Node.create()
  await node.start()
  await until('a watch', () => node.api.watches === 1)
  const asked = node.api.requests.map(({ pathname, searchParams }) => [pathname, searchParams.has('watch')])
  expect(asked).toEqual([
    ['/api/v1/pods', false],
    ['/api/v1/pods', true],
  ])
})

test('the environment is what the agent reads', () => {
  const variables = parse(only('yaml environment')) as {
    readonly name: string
    readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } }
  }[]
  const named = new Map(variables.map(({ name, valueFrom }) => [name, valueFrom.fieldRef.fieldPath]))
  expect(named.get('NODE_NAME')).toBe('spec.nodeName')
  expect(ownPod(Object.fromEntries(named), 'host')).toEqual({
    pod: 'metadata.name',
    namespace: 'metadata.namespace',
    pod_uid: 'metadata.uid',
  })
  expect(ownPod({}, 'host').pod).toBe('host')
})

const metadata = {
  name: 'billing-6b7c9d-x2x4k',
  namespace: 'shop',
  uid: '7f0c4b5e-8d0f-4a9e-9d4b-0c1f2a3b4c5d',
  labels: { app: 'billing', 'pod-template-hash': '6b7c9d' },
  annotations: parse(only('yaml annotations')) as Record<string, string>,
  ownerReferences: [{ kind: 'ReplicaSet', name: 'billing-6b7c9d', controller: true }],
}
const spec = {
  containers: [{ name: 'app', image: 'registry.example/billing:1.4' }],
  nodeName: 'node-1',
  serviceAccountName: 'billing',
}
const reading = { labels: () => true, annotations: () => false, keepsAnnotation: () => true }
const pod = readPod({ metadata, spec }, reading)!

test('what an event says of the pod', () => {
  const facts = new LogFacts().of(pod, { namespace: 'shop', pod: pod.name, container: 'app' }, undefined)
  const enricher = kubernetesEnricher({ from: 'path', cluster: 'eu-1' }, new WatchedFiles())
  const additions = enricher.additionsFor({ id: 'a', receiver: 'pods', path: '/x', pod: facts })
  const shown = additions.find(({ member }) => member === 'metadata.kubernetes')!.value
  expect(JSON.stringify(shown)).toBe(JSON.stringify(JSON.parse(only('json metadata'))))
  expect(additions.map(({ member }) => member)).toEqual(
    expect.arrayContaining([...enricher.sets].filter((member) => member !== 'metadata')),
  )
})

test('what the annotations say of two containers', () => {
  expect(namedReading(pod, 'app')).toMatchObject({ kind: 'mapping', name: 'orders' })
  expect(namedReading(pod, 'proxy')).toMatchObject({ kind: 'preset', name: 'nginx_json' })
})
