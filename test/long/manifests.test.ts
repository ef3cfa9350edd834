// deploy/kubernetes: bases, overlays and components render; Kubernetes knows every field of them; what they say of each other holds;
// the configurations in them are valid, and get every variable that they need.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { AffiantProcess, WorkDirectory } from '../e2e/agent-process.ts'
import { unlessMissing } from '../peers/kept.ts'
import { kubectl } from './kubectl.ts'
import { type Manifest, render, schemaProblems, unknownFields } from './manifests.ts'

const directory = 'deploy/kubernetes'
const places = ['daemonset/base', 'daemonset/overlays/example', 'sidecar/base', 'sidecar/overlays/persistent']

const named = z.looseObject({ name: z.string() })
const probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) }).optional()
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).optional(),
  restartPolicy: z.string().optional(),
  lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }).optional(),
  env: z.array(named).default([]),
  envFrom: z.array(z.object({ configMapRef: named })).default([]),
  ports: z.array(named).default([]),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.looseObject({
    requests: z.record(z.string(), z.string()),
    limits: z.looseObject({ memory: z.string() }),
  }),
  securityContext: z.looseObject({}),
  volumeMounts: z.array(
    z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
})
const workload = z.looseObject({
  spec: z.looseObject({
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.number(),
        automountServiceAccountToken: z.boolean(),
        initContainers: z.array(container).default([]),
        containers: z.array(container),
        volumes: z.array(
          z.looseObject({
            name: z.string(),
            configMap: named.optional(),
            persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
          }),
        ),
      }),
    }),
  }),
})
const page = readFileSync(join(import.meta.dirname, '../../docs/deployment-kubernetes.md'), 'utf8')
const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)?.[1])

const configMap = z.looseObject({ data: z.record(z.string(), z.string()) })

const ofKind = (manifests: readonly Manifest[], kind: string) =>
  manifests.filter((each) => each.kind === kind)
const podOf = (manifests: readonly Manifest[]) =>
  workload.parse([...ofKind(manifests, 'DaemonSet'), ...ofKind(manifests, 'Deployment')][0]).spec.template
    .spec

const mapsOf = (manifests: readonly Manifest[]) =>
  new Map(
    ofKind(manifests, 'ConfigMap').map((map) => [map.metadata.name, configMap.parse(map).data] as const),
  )

/** Its configuration, which is valid with what the pod gives it. */
async function validated(manifests: readonly Manifest[], agent: z.output<typeof container>): Promise<string> {
  const maps = mapsOf(manifests)
  const variables: Record<string, string> = {}
  for (const { name, value } of agent.env) variables[name] = typeof value === 'string' ? value : `a-${name}`
  for (const { configMapRef } of agent.envFrom) Object.assign(variables, maps.get(configMapRef.name))
  const texts = [...maps.values()].flatMap((data) => data['affiant.yaml'] ?? [])
  expect(texts).toHaveLength(1)
  using work = new WorkDirectory()
  // As in the pod, but for what volumes hold, which lies elsewhere.
  const text = texts[0]!
    .replace('/run/secrets/affiant/token', work.write('token', 't\n'))
    .replaceAll(/\/etc\/podinfo\/(\w+)/g, (_, name: string) => work.write(name, 'app="shop"\n'))
  expect(text).not.toBe(texts[0])
  const args = ['validate', '-c', work.write('affiant.yaml', text)]
  await using validate = new AffiantProcess(args, { env: variables })
  expect(await validate.result()).toMatchObject({ code: 0, stderr: '' })
  return texts[0]!
}

const program = await unlessMissing('kubectl', kubectl)

describe.runIf(program !== undefined)('deploy/kubernetes', () => {
  describe.each(places)('%s', (place) => {
    const rendering = program === undefined ? Promise.resolve([]) : render(`${directory}/${place}`)
    const agentOf = async () => {
      const { containers, initContainers } = podOf(await rendering)
      return [...initContainers, ...containers].find(({ name }) => name === 'affiant')!
    }

    test("Kubernetes' schemas take it, and know every field of it", async () => {
      const manifests = await rendering
      expect(manifests.length).toBeGreaterThan(3)
      for (const manifest of manifests) {
        expect(await schemaProblems(manifest), `${manifest.kind} ${manifest.metadata.name}`).toBeUndefined()
      }
      expect(await unknownFields(manifests)).toBe('')
    })

    test('what it names is there', async () => {
      const manifests = await rendering
      const { containers, initContainers, volumes } = podOf(manifests)
      const maps = mapsOf(manifests)
      const claims = ofKind(manifests, 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)
      for (const { name, configMap: map, persistentVolumeClaim: claim } of volumes) {
        if (map !== undefined) expect([...maps.keys()], name).toContain(map.name)
        if (claim !== undefined) expect(claims, name).toContain(claim.claimName)
      }
      for (const { volumeMounts, envFrom, ports, ...rest } of [...initContainers, ...containers]) {
        for (const { name } of volumeMounts) expect(volumes.map((volume) => volume.name)).toContain(name)
        for (const { configMapRef } of envFrom) expect([...maps.keys()]).toContain(configMapRef.name)
        for (const each of [rest.startupProbe, rest.livenessProbe, rest.readinessProbe])
          if (each !== undefined) expect(ports.map(({ name }) => name)).toContain(each.httpGet.port)
      }
      const { selector, template } = workload.parse(
        manifests.find(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment'),
      ).spec
      expect(template.metadata.labels).toMatchObject(selector.matchLabels)
    })

    test('the configuration is valid, and the pod gives it all that it needs', async () => {
      const text = await validated(await rendering, await agentOf())
      const { terminationGracePeriodSeconds } = podOf(await rendering)
      const { drain } = z.object({ agent: z.object({ drain: z.string() }) }).parse(parse(text)).agent
      const { command } = (await agentOf()).lifecycle!.preStop.exec
      expect(command.slice(0, -1)).toEqual(['affiant', 'drain', '--timeout'])
      // Each as docs/deployment-kubernetes.md sums them up; beside an application, that has 30 s, and the hook is within them.
      const hook = seconds(command.at(-1)!) + 3
      const before = place.startsWith('sidecar') ? Math.max(30, hook) : hook
      expect(before + seconds(drain) + 10).toBeLessThanOrEqual(terminationGracePeriodSeconds)
      expect(page).toMatch(new RegExp(`^\\| together \\|.*\\b${before + seconds(drain) + 10} s\\b`, 'm'))
    })

    test('all is dropped that can be', async () => {
      const agent = await agentOf()
      const pod = podOf(await rendering)
      expect(pod.automountServiceAccountToken).toBe(false)
      expect(pod).toMatchObject({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })
      for (const { securityContext } of [...pod.initContainers, ...pod.containers]) {
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
      }
      expect(agent.args).toEqual(['run', '--wait-lock'])
      const writable = agent.volumeMounts.filter(({ readOnly }) => readOnly !== true)
      expect(writable.map(({ mountPath }) => mountPath).toSorted()).toEqual(['/tmp', '/var/lib/affiant'])
      if (place.startsWith('sidecar')) {
        expect(pod).toMatchObject({ securityContext: { runAsNonRoot: true } })
        expect(agent.restartPolicy).toBe('Always')
      }
    })
  })

  test('the component for metadata adds the receiver that asks, a role that reads, and the token for it', async () => {
    using work = new WorkDirectory()
    const base = join(import.meta.dirname, '../..', directory, 'daemonset')
    const kustomization = {
      resources: [join('../'.repeat(12), base, 'overlays/example')],
      components: [join('../'.repeat(12), base, 'components/metadata')],
    }
    writeFileSync(work.at('kustomization.yaml'), JSON.stringify(kustomization))
    const manifests = await render(work.path)
    for (const manifest of manifests) expect(await schemaProblems(manifest)).toBeUndefined()
    expect(await unknownFields(manifests)).toBe('')
    const pod = podOf(manifests)
    expect(pod.automountServiceAccountToken).toBe(true)
    const agent = pod.containers.find(({ name }) => name === 'affiant')!
    expect(parse(await validated(manifests, agent))).toMatchObject({
      receivers: { containers: { type: 'kubernetes' } },
    })
    const rules = z
      .array(z.object({ verbs: z.array(z.string()) }))
      .parse(ofKind(manifests, 'ClusterRole')[0]!.rules)
    const allowed = new Set(rules.flatMap(({ verbs }) => verbs))
    expect([...allowed].filter((verb) => !['list', 'watch'].includes(verb))).toEqual([])
  })

  test('a field of a wrong type, and one that nobody knows, are found', async () => {
    const manifest = (spec: Record<string, unknown>): Manifest => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'a' },
      spec,
    })
    expect(await schemaProblems(manifest({ minAvailable: 1 }))).toBeUndefined()
    expect(await schemaProblems(manifest({ minAvailable: [1] }))).toContain('minAvailable')
    expect(await unknownFields([manifest({ minAvailible: 1 })])).toContain('minAvailible')
  })
})
