/** Guarantee: a credential with scopes delivers records of these and no others, whatever the protocol; who is refused is told which. */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { exportedLines } from '../peers/exported.ts'
import { decodeResponse, encodeRequest } from '../receivers/otlp/oracle.ts'
import { client, first, pem } from '../receivers/server/certificates.ts'

const allow_scopes = ['organization:acme', 'tenant:acme', 'account:acme/cluster:*', 'cluster:acme']
const token = (id: string, more: object = {}) => ({ id, hash: hash('sha256', `token-${id}`), ...more })
const auth = { bearer: [token('acme', { allow_scopes }), token('all')] }
const listen = '127.0.0.1:0'

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const logs = (...scopes: (readonly [account: string, cluster: string])[]) =>
  JSON.stringify({
    resourceLogs: scopes.map(([account, cluster], n) => ({
      resource: { attributes: [text('cloud.account.id', account), text('k8s.cluster.name', cluster)] },
      scopeLogs: [
        { logRecords: [{ eventName: `otlp-${n}`, attributes: [text('log.record.uid', `r-${n}`)] }] },
      ],
    })),
  })

const auditLogs = (...accounts: readonly string[]) =>
  JSON.stringify({
    resourceLogs: accounts.map((account, n) => ({
      resource: { attributes: [text('cloud.account.id', account), text('k8s.cluster.name', 'a')] },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1795417113120000001',
              observedTimeUnixNano: '1795417113120000002',
              eventName: 'order.read',
              attributes: [
                text('audit.record.id', `8f3c0000-0000-4000-8000-00000000000${n}`),
                text('audit.actor.id', 'u_1'),
                text('audit.actor.type', 'user'),
                text('audit.action', 'order.read'),
                text('audit.outcome', 'success'),
              ],
            },
          ],
        },
      ],
    })),
  })

interface Event {
  readonly action: string
  readonly provenance: { readonly receiver?: string; readonly peer?: { readonly auth_id?: string } }
  readonly metadata?: Readonly<Record<string, unknown>>
}

test('over every protocol', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: {
      otlp: { type: 'otlp', http: { listen }, auth },
      shop: { type: 'http', listen, auth },
      hec: { type: 'splunk_hec', listen, auth },
      cluster: { type: 'kubernetes_audit', listen, auth },
      signal: { type: 'otlp_audit', http: { listen }, auth },
      hosts: {
        type: 'syslog',
        tcp: { listen, tls: { cert: first.cert, key: first.key, client_ca: client.cert } },
        auth: { certificate: [{ name: 'checkout', allow_scopes }] },
        preset: 'json',
      },
    },
  })
  {
    await using agent = startAgent(config)
    await agent.ready()
    const post = async (url: string, body: string, id = 'acme'): Promise<[number, Record<string, never>]> => {
      const headers = { authorization: `Bearer token-${id}`, 'content-type': 'application/json' }
      const answer = await fetch(`http://${url}`, { method: 'POST', headers, body })
      return [answer.status, (await answer.json()) as Record<string, never>]
    }

    const sent = logs(['acme', 'a'], ['beta', 'a'], ['acme', 'b'])
    const [status, { partialSuccess }] = await post(`${agent.otlp}/v1/logs`, sent)
    expect([status, partialSuccess]).toEqual([
      200,
      {
        rejectedLogRecords: '1',
        errorMessage:
          'not taken in: record 1 has the scope account:beta/cluster:a, which its credential may not send',
      },
    ])
    // What was not taken in is not remembered, and the others are not committed again.
    expect(await post(`${agent.otlp}/v1/logs`, sent)).toEqual([status, { partialSuccess }])
    expect(await post(`${agent.otlp}/v1/logs`, sent, 'all')).toEqual([200, {}])
    // Records over protobuf take another way.
    const protobuf = await fetch(`http://${agent.otlp}/v1/logs`, {
      method: 'POST',
      headers: { authorization: 'Bearer token-acme', 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(encodeRequest(JSON.parse(logs(['acme', 'p'], ['gamma', 'p'])))),
    })
    const told = decodeResponse(Buffer.from(await protobuf.arrayBuffer()))
    expect(told.partialSuccess).toMatchObject({
      errorMessage: expect.stringContaining('account:gamma/cluster:p'),
    })

    const records = [{ org: 'acme', event: 'shop-0' }, { org: 'beta', event: 'no' }, { event: 'no' }]
    const [refused, problem] = await post(`${agent.http}/`, JSON.stringify(records))
    expect([refused, problem]).toEqual([
      403,
      expect.objectContaining({
        code: 'scope_forbidden',
        detail:
          '2 of 3 records were not taken in: record 1 has the scope organization:beta, which its credential may not send; record 2 has the scope none, which its credential may not send',
      }),
    ])

    const events = [
      { org: 'beta', event: 'no' },
      { tenant: 'acme', event: 'hec-0' },
    ]
    const hec = events.map((event) => JSON.stringify({ event })).join('')
    expect(await post(`${agent.hec}/services/collector/event`, hec)).toEqual([
      400,
      expect.objectContaining({ code: 7, text: 'Incorrect index', 'invalid-event-number': 0 }),
    ])

    const item = (cluster: string) => ({ kind: 'Event', apiVersion: 'audit.k8s.io/v1', verb: 'get', cluster })
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [item('acme'), item('beta')] }
    expect(await post(`${agent.kubernetesAudit}/`, JSON.stringify(list))).toEqual([
      403,
      expect.objectContaining({
        kind: 'Status',
        reason: 'Forbidden',
        message: expect.stringContaining('cluster:beta'),
      }),
    ])

    const audited = auditLogs('acme', 'beta')
    const [status403, { code, message }] = await post(`${agent.audit}/v1/audit`, audited)
    expect([status403, code]).toEqual([403, 7])
    expect(message).toMatch(
      /^1 of 2 records are refused, and none was taken in: record 1 \(8f3c.*\): has the scope account:beta\/cluster:a, /,
    )
    expect(await post(`${agent.audit}/v1/audit`, auditLogs('acme'))).toMatchObject([200, {}])

    // Who sends by syslog hears of nothing.
    const port = Number(/:(\d+) syslog over TLS/.exec(agent.stdout)?.[1])
    const shown = { cert: pem(client.cert), key: pem(client.key), rejectUnauthorized: false }
    const socket = connect({ port, host: '127.0.0.1', ...shown })
    socket.end('{"org":"beta","event":"no"}\n{"org":"acme","event":"host-1"}\n').resume()
    await once(socket, 'close')

    const counted = (receiver: string) =>
      agent.metric('affiant_receiver_out_of_scope_total', `{receiver="${receiver}"}`)
    const all = ['otlp', 'shop', 'hec', 'cluster', 'signal', 'hosts']
    await expect.poll(() => Promise.all(all.map(counted))).toEqual([3, 2, 1, 1, 1, 1])
    expect(await agent.metric('affiant_receiver_rejected_total', '{receiver="otlp"}')).toBe(undefined)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  const all = (await exportedLines(config)).map((line): Event => JSON.parse(line))
  const taken = all.flatMap(({ action, provenance: { receiver, peer } }) =>
    peer === undefined ? [] : [`${receiver} ${action} by ${peer.auth_id}`],
  )
  expect(taken).toEqual([
    'otlp otlp-0 by acme',
    'otlp otlp-2 by acme',
    ...[0, 1, 2].map((n) => `otlp otlp-${n} by all`),
    'otlp otlp-0 by acme',
    'shop shop-0 by acme',
    'hec hec-0 by acme',
    expect.stringMatching(/^cluster k8s:get.* by acme$/),
    'signal order.read by acme',
    'hosts host-1 by checkout',
  ])
  const onRecord = all.filter(({ action }) => action === 'affiant.peer.out_of_scope')
  expect(onRecord.map(({ metadata }) => metadata)).toMatchObject([
    { receiver: 'otlp', auth_id: 'acme', ip: '127.0.0.1', records: 1, scope: 'account:beta/cluster:a' },
    { receiver: 'otlp' },
    { receiver: 'otlp', scope: 'account:gamma/cluster:p' },
    { receiver: 'shop', auth_id: 'acme', records: 2, scope: 'organization:beta' },
    { receiver: 'hec', scope: 'organization:beta' },
    { receiver: 'cluster', scope: 'cluster:beta' },
    { receiver: 'signal', auth_id: 'acme', records: 1, scope: 'account:beta/cluster:a' },
    { receiver: 'hosts', auth_id: 'checkout', ip: '127.0.0.1', records: 1, scope: 'organization:beta' },
  ])
  // A pattern that is none is an error at its line.
  const wrong = directory.write(
    'wrong.yaml',
    'receivers:\n  a:\n    type: http\n    auth: { bearer: [{ id: a, hash: "' +
      hash('sha256', 'x') +
      '", allow_scopes: [acme] }] }\n',
  )
  await using validating = new AffiantProcess(['validate', '-c', wrong])
  expect((await validating.result()).stderr).toMatch(/allow_scopes.*levels from the root/s)
})
