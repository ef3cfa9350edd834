// The files for the API server that docs/receivers-kubernetes-audit.md shows fit the receivers beside them.
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { listening } from '../receivers/kubernetes_audit/listening.ts'
import { send } from '../receivers/otlp/listening.ts'
import { blocksOf } from './blocks.ts'

interface Receiver {
  readonly type: string
  readonly listen: string
  readonly path: string
  readonly tls?: { readonly client_ca?: string }
}

interface Webhook {
  readonly clusters: readonly { readonly name: string; readonly cluster: { readonly server: string } }[]
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[]
  readonly contexts: readonly {
    readonly name: string
    readonly context: { readonly cluster: string; readonly user: string }
  }[]
  readonly 'current-context': string
}

const page = 'docs/receivers-kubernetes-audit.md'
const on = <T>(language: string): T[] =>
  blocksOf(language)
    .filter((block) => block.page === page)
    .map(({ text }) => parse(text) as T)

const receivers = on<{ receivers: { cluster: Receiver } }>('yaml').map((config) => config.receivers.cluster)
const webhooks = on<Webhook>('yaml webhook')

test('each webhook leads to the receiver before it', async () => {
  expect(webhooks).toHaveLength(2)
  for (const [i, webhook] of webhooks.entries()) {
    const receiver = receivers[i]!
    const current = webhook.contexts.find(({ name }) => name === webhook['current-context'])!.context
    const { server } = webhook.clusters.find(({ name }) => name === current.cluster)!.cluster
    const url = new URL(server)
    expect(url.port).toBe(receiver.listen.split(':').at(-1))
    expect(url.pathname).toBe(receiver.path)
    expect(url.protocol).toBe(receiver.tls ? 'https:' : 'http:')
    const user = webhook.users.find(({ name }) => name === current.user)?.user
    expect(user !== undefined).toBe(receiver.tls?.client_ca !== undefined)
    const { port } = await listening({ path: receiver.path })
    const body = '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{}]}'
    const answer = await send(port, { method: 'POST', path: `${url.pathname}?timeout=30s` }, body)
    expect(answer.status).toBe(200)
  }
})

test('the policy is one, and ends with a rule for all the rest', () => {
  const [policy] = on<{ apiVersion: string; kind: string; rules: readonly Record<string, unknown>[] }>(
    'yaml policy',
  )
  expect(policy).toMatchObject({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy' })
  for (const { level } of policy!.rules)
    expect(['None', 'Metadata', 'Request', 'RequestResponse']).toContain(level)
  expect(policy!.rules.at(-1)).toEqual({ level: 'Metadata' })
})
