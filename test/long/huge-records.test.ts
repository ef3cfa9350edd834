// Records that would take seconds and gigabytes to read. One over `max_record` is not read; of one within it what is too much is left
// out. Its sender is answered, nothing of it is lost, and nobody else waits for it.
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

/** Millions of objects: what costs most to read. */
const objects = (bytes: number) => `"a":[${'{},'.repeat(bytes / 3)}{}]`
const record = `{${objects(16 * 1024 * 1024)}}`
const sha256 = createHash('sha256').update(record).digest('hex')
const listen = '127.0.0.1:0'
const receivers = {
  app: { type: 'http', listen },
  hec: { type: 'splunk_hec', listen },
  cluster: { type: 'kubernetes_audit', listen },
}
const listOf = (item: string) => `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${item}]}`

test('16 MiB in one record are answered, and /healthz meanwhile', { timeout: 120_000 }, async () => {
  using directory = new WorkDirectory()
  await using agent = startAgent(configure(directory, { receivers }))
  await agent.ready()
  const requests = [
    [agent.http, record],
    [`${agent.hec}/services/collector/event`, record],
    [agent.kubernetesAudit, listOf(record)],
  ] as const
  // How long it takes here to read one, beside whatever else runs on this machine.
  const begun = performance.now()
  JSON.stringify(JSON.parse(record))
  const reading = performance.now() - begun
  const waited: number[] = []
  for (const [address, body] of requests) {
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
  }
  // Reading one takes several times as long as that: it is normalised, too. Of so many questions one may meet with anything.
  expect(waited.toSorted((a, b) => b - a)[1] ?? 0).toBeLessThan(Math.max(2 * reading, 2_500))
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

test('of millions of objects within the limit, all but those are read, in bounded memory', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  const log = directory.write('audit.log', '')
  const file = { type: 'file', include: [log] }
  await using agent = startAgent(configure(directory, { receivers: { ...receivers, file } }))
  await agent.ready()
  const before = agent.peakMemory
  const heavy = `{"user":"u_42","event":"order.list","auditID":"a","verb":"get",${objects(16_777_000)}}`
  const crowded = heavy.replace('"a":[', '"data":{},"a":[')
  const requests = [
    [agent.http, heavy],
    [agent.http, `{"specversion":"1.0","id":"1","source":"/s","type":"t",${crowded.slice(1)}`],
    [`${agent.hec}/services/collector/event`, `{"event":${heavy}}`],
    [agent.kubernetesAudit, listOf(heavy)],
  ] as const
  for (const [address, body] of requests) {
    const type = body.includes('specversion') ? 'application/cloudevents+json' : undefined
    expect(await post(address, body, type)).toBe(200)
  }
  directory.write('audit.log', `${heavy}\n`)
  const out = directory.at('out.ndjson')
  await until('all five', () => eventsIn(out).length === requests.length + 1)
  const [first, second, third, cluster, line] = eventsIn(out)
  for (const event of [first, third, line]) {
    expect(event).toMatchObject({
      action: 'order.list',
      actor: { id: 'u_42' },
      quality: { parse: 'partial' },
    })
    expect(event?.raw_data === heavy).toBe(true)
  }
  expect(second).toMatchObject({ quality: { parse: 'failed' } })
  expect(String(second?.raw_data).endsWith(crowded.slice(1))).toBe(true)
  expect(cluster).toMatchObject({ operation: 'read', quality: { parse: 'partial' } })
  // 1.4 GiB before.
  expect(agent.peakMemory - before).toBeLessThan(400)
})

function post(address: string, body: string, type = 'application/json'): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const headers = { 'content-type': type }
  request(`http://${address}`, { method: 'POST', headers }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode))
  })
    .on('error', reject)
    .end(body)
  return promise
}
