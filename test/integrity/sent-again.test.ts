/** Guarantee: a record with an id that is sent again is in the journal once, also when the agent was killed in between. */
import { expect, test } from 'vitest'
import {
  AffiantProcess,
  type AgentProcess,
  configure,
  startAgent,
  WorkDirectory,
} from '../e2e/agent-process.ts'
import { exportedLines } from '../peers/exported.ts'

const uuid = (n: number) => `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`

const requestOf = (ids: readonly number[], body = 'x') =>
  JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: ids.map((n) => ({
              timeUnixNano: '1764489600000000001',
              body: { stringValue: body },
              attributes: [{ key: 'audit.record.id', value: { stringValue: uuid(n) } }],
            })),
          },
        ],
      },
    ],
  })

async function postWithKey(agent: AgentProcess, body: string): Promise<[status: number, answer: unknown]> {
  const answer = await fetch(`http://${agent.http}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': '"a key"' },
    body,
  })
  return [answer.status, await answer.json()]
}

/** As an API server does: the whole list again, whatever was wrong with it. Two of its events lack an actor. */
async function postAudited(agent: AgentProcess): Promise<[status: number, message: unknown]> {
  const call = { stage: 'ResponseComplete', verb: 'get', objectRef: { resource: 'pods' } }
  const who = [{ user: { username: 'ada' } }, {}, { user: { username: 'eve' } }, {}]
  const items = who.map((user, n) => ({ ...call, ...user, auditID: `a-${n}`, responseStatus: { code: 200 } }))
  const answer = await fetch(`http://${agent.kubernetesAudit}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items }),
  })
  const { message } = (await answer.json()) as { readonly message?: unknown }
  return [answer.status, message]
}

const lacking = [
  422,
  expect.stringMatching(/^2 of 4 records were not taken in: record 1 lacks .*; record 3 /),
]

interface Event {
  readonly action: string
  readonly id: string
  readonly source_event_id?: string
  readonly provenance?: { readonly receiver?: string; readonly index?: number }
  readonly quality?: { readonly warnings?: readonly string[] }
}

test('killed and started again', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    // Normalised by a thread and encrypted: all that a mark passes through.
    agent: { workers: 1 },
    receivers: {
      app: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
      shop: { type: 'http', listen: '127.0.0.1:0' },
      cluster: { type: 'kubernetes_audit', listen: '127.0.0.1:0', on_missing: 'reject' },
    },
    journal: { encryption: { keys: ['ab'.repeat(32)] } },
  })
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)
  {
    await using agent = startAgent(config)
    await agent.ready()
    expect(await agent.postOtlp(requestOf(range(0, 1500)))).toMatchObject({ status: 200 })
    expect(await agent.postOtlp(requestOf(range(1400, 1600)))).toMatchObject({ status: 200 })
    expect(await postWithKey(agent, '[{"event":"one"},{"event":"two"}]')).toEqual([200, { records: 2 }])
    for (let time = 0; time < 2; time++) expect(await postAudited(agent)).toEqual(lacking)
    agent.signal('SIGKILL')
    await agent.ended
  }
  {
    await using agent = startAgent(config)
    await agent.ready()
    expect(await agent.postOtlp(requestOf(range(0, 1700)))).toMatchObject({ status: 200 })
    expect(await agent.postOtlp(requestOf([7], 'y'))).toMatchObject({ status: 200 })
    expect(await postWithKey(agent, '[{"event":"one"},{"event":"two"}]')).toEqual([200, { records: 2 }])
    expect(await postWithKey(agent, '[{"event":"three"}]')).toMatchObject([422, { code: 'key_reused' }])
    expect(await postAudited(agent)).toEqual(lacking)
    expect(await agent.metric('affiant_receiver_duplicates_total', '{receiver="cluster"}')).toBe(2)
    expect(await agent.metric('affiant_receiver_duplicates_total', '{receiver="app"}')).toBe(1600)
    expect(await agent.metric('affiant_receiver_conflicts_total', '{receiver="app"}')).toBe(1)
    const status = (await (await fetch(`http://${agent.telemetry}/status`)).json()) as {
      readonly receivers: readonly Readonly<Record<string, number>>[]
    }
    const [books] = status.receivers
    expect(books).toMatchObject({ records: 1701, duplicates: 1600, skipped: 0, dropped: 0, events: 101 })
    await using printed = new AffiantProcess(['status', '-c', config])
    expect((await printed.result()).stdout).toMatch(/^app +otlp +1,701 +101 +1,600 /m)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  const all = (await exportedLines(config)).map((line): Event => JSON.parse(line))
  const from = (receiver: string) => all.filter(({ provenance }) => provenance?.receiver === receiver)
  expect(from('shop').map(({ action }) => action)).toEqual(['one', 'two'])
  const audited = from('cluster').map(({ source_event_id }) => source_event_id)
  expect(audited).toEqual(['a-0/ResponseComplete', 'a-2/ResponseComplete'])
  const events = from('app')
  const known = new Set(range(0, 1700).map(uuid))
  expect(events.filter(({ id }) => known.delete(id))).toHaveLength(1700)
  // What claimed the id of another one is there all the same, under an id of its own.
  const [other, ...more] = events.filter(({ id }) => !id.startsWith('8f3c0000-'))
  expect(more).toEqual([])
  expect(other?.quality?.warnings).toEqual([expect.stringContaining('its id was given before')])
  expect(events).toHaveLength(1701)
})
