// A record that is over `max_record` and takes seconds to read is not read: its sender is answered at once, nothing of it is
// lost, and nobody else waits for it.
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn } from './events.ts'
import { until } from './until.ts'

/** Millions of objects: what costs most to read. */
const record = `{"a":[${'{},'.repeat((16 * 1024 * 1024) / 3)}{}]}`
const sha256 = createHash('sha256').update(record).digest('hex')
const listen = '127.0.0.1:0'

test('16 MiB in one record are answered within seconds, and /healthz meanwhile', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: {
      app: { type: 'http', listen },
      hec: { type: 'splunk_hec', listen },
      cluster: { type: 'kubernetes_audit', listen },
    },
  })
  await using agent = startAgent(config)
  await agent.ready()
  const requests = [
    [agent.http, record],
    [`${agent.hec}/services/collector/event`, record],
    [agent.kubernetesAudit, `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${record}]}`],
  ] as const
  const waited: number[] = []
  for (const [address, body] of requests) {
    const begun = performance.now()
    let isAnswered = false
    const posted = post(address, body).finally(() => {
      isAnswered = true
    })
    while (!isAnswered) {
      const asked = performance.now()
      expect((await fetch(`http://${agent.telemetry}/healthz`)).status).toBe(200)
      waited.push(performance.now() - asked)
    }
    expect(await posted).toBe(200)
    expect(performance.now() - begun).toBeLessThan(8_000)
  }
  // One that was read would hold them up for longer even where nothing else runs.
  expect(Math.max(...waited)).toBeLessThan(2_500)
  const out = directory.at('out.ndjson')
  await until('all three', () => eventsIn(out).length === 3)
  for (const event of eventsIn(out)) {
    expect(event).toMatchObject({
      quality: { parse: 'failed' },
      raw: { size: record.length, sha256, truncated: true },
    })
    expect(event.raw_data).toBe(record.slice(0, 64 * 1024))
  }
})

function post(address: string, body: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const headers = { 'content-type': 'application/json' }
  request(`http://${address}`, { method: 'POST', headers }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode))
  })
    .on('error', reject)
    .end(body)
  return promise
}
