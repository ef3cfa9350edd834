/** Guarantee: a client that sends again until it hears "taken" finds every record in the journal, and none twice, however the agent ends. */
import { expect, test, vi } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { freePort } from '../free-port.ts'
import { exportedLines } from '../peers/exported.ts'
import { encodeRequest } from '../receivers/otlp/oracle.ts'
import { full, randomFrom, seed } from '../seed.ts'

vi.setConfig({ testTimeout: full ? 1_200_000 : 120_000 })

const kills = full ? 40 : 4
const clients = 6
const perRequest = 40

const uuid = (n: number) => `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`

function bodyOf(from: number): Buffer<ArrayBuffer> {
  const logRecords = Array.from({ length: perRequest }, (_, index) => ({
    eventName: 'order.read',
    attributes: [{ key: 'audit.record.id', value: { stringValue: uuid(from + index) } }],
  }))
  return Buffer.from(encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
}

interface Load {
  sent: number
  repeated: number
}

/** One client with one request at a time, which it sends until that is taken: at times twice at once, as one that does not wait. */
async function sending(url: string, load: Load, random: () => number, stopped: () => boolean): Promise<void> {
  const post = async (body: Buffer<ArrayBuffer>) => {
    try {
      const patience = random() < 0.2 ? 5 : 5000
      const headers = { 'content-type': 'application/x-protobuf' }
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(patience),
      })
      await answer.arrayBuffer()
      return answer.status === 200
    } catch {
      return false
    }
  }
  while (!stopped()) {
    const body = bodyOf(load.sent)
    load.sent += perRequest
    for (let taken = false; !taken; load.repeated++) {
      const both = random() < 0.1 ? [post(body), post(body)] : [post(body)]
      taken = (await Promise.all(both)).includes(true)
      if (!taken) await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

test(`killed ${kills} times during a load with retries`, async () => {
  using directory = new WorkDirectory()
  const port = await freePort()
  const config = configure(directory, {
    receivers: { app: { type: 'otlp', http: { listen: `127.0.0.1:${port}` } } },
    journal: { segment_size: '4MiB' },
  })
  const random = randomFrom(seed)
  const load: Load = { sent: 0, repeated: 0 }
  let stop = false
  const clientsDone = Array.from({ length: clients }, () =>
    sending(`http://127.0.0.1:${port}/v1/logs`, load, random, () => stop),
  )
  for (let run = 0; run <= kills; run++) {
    await using agent = startAgent(config)
    await agent.ready()
    const before = load.sent
    await until('some are taken', () => load.sent - before > (10 + 40 * random()) * perRequest)
    if (run < kills) {
      agent.signal('SIGKILL')
      await agent.ended
      continue
    }
    stop = true
    await Promise.all(clientsDone)
    expect(await agent.metric('affiant_receiver_conflicts_total', '{receiver="app"}')).toBe(0)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  const counts = new Map<string, number>()
  for (const line of await exportedLines(config)) {
    const { id } = JSON.parse(line) as { readonly id: string }
    if (id.startsWith('8f3c0000-')) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  expect(
    [...counts].filter(([, times]) => times > 1),
    `seed ${seed}`,
  ).toEqual([])
  const missing = Array.from({ length: load.sent }, (_, n) => uuid(n)).filter((id) => !counts.has(id))
  expect(missing, `seed ${seed}`).toEqual([])
  expect(counts.size).toBe(load.sent)
  expect(load.repeated).toBeGreaterThan(load.sent / perRequest)
})
