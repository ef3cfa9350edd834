/**
 * kill -9 again and again while a destination takes events: a batch is cut alike by the next run, under the same key, and what
 * was answered does not come again.
 */

import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { AgentProcess, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { randomFrom } from '../seed.ts'

interface Received {
  readonly key: string
  readonly seqs: readonly number[]
  /** All of the answer is on its way. */
  answered: boolean
}

async function openDestination() {
  const received: Received[] = []
  const server = createServer((request, response) => {
    // A client that was killed in the middle is what this is about.
    serve(request, response).catch(() => response.destroy())
  })
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().split('\n').filter(Boolean)
    const one: Received = {
      key: String(request.headers['idempotency-key']),
      seqs: lines.map((line) => (JSON.parse(line) as { log: { seq: number } }).log.seq),
      answered: false,
    }
    received.push(one)
    response.on('finish', () => {
      one.answered = true
    })
    setTimeout(() => response.writeHead(204).end(), 2)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const kills = 4
const underWay = 4

test.each([
  ['ndjson', 37],
  ['single', 1],
])('format %s', { timeout: 120_000 }, async (format, together) => {
  const random = randomFrom(7)
  using work = new WorkDirectory()
  const { received, url } = await openDestination()
  const input = work.write('app.jsonl', '')
  const config = work.write(
    'affiant.yaml',
    `agent: { id: keys, data_dir: ${work.at('data')} }
receivers: { app: { type: file, include: [${input}], preset: json } }
sinks: { hook: { type: http, url: ${url}, format: ${format}, batch: { max_events: 37 }, concurrency: { min: ${underWay}, max: ${underWay} } } }
telemetry: { listen: 127.0.0.1:0 }
`,
  )
  let written = 0
  const write = () => {
    let text = ''
    for (let count = 0; count < 10; count++, written++) {
      text += `${JSON.stringify({ ts: new Date().toISOString(), user: 'u', action: 'a', n: written })}\n`
    }
    appendFileSync(input, text)
  }
  for (let run = 0; run < kills; run++) {
    await using agent = new AgentProcess(['run', '-c', config])
    await agent.ready()
    const before = received.length
    const writing = setInterval(write, 5)
    await until('some requests', () => received.length > before + 20 + random() * 60)
    clearInterval(writing)
    agent.signal('SIGKILL')
    await agent.ended
  }
  {
    await using agent = new AgentProcess(['run', '-c', config])
    await agent.ready()
    await until('all of it', () => new Set(received.flatMap(({ seqs }) => seqs)).size >= written)
    agent.signal('SIGTERM')
    await agent.ended
  }
  const byKey = new Map<string, string>()
  const keysOf = new Map<number, Set<string>>()
  const answered = new Map<number, number>()
  for (const { key, seqs, answered: whole } of received) {
    // The same key, the same events.
    expect(byKey.get(key) ?? seqs.join()).toBe(seqs.join())
    byKey.set(key, seqs.join())
    for (const seq of seqs) {
      const keys = keysOf.get(seq) ?? new Set()
      keysOf.set(seq, keys.add(key))
      if (whole) answered.set(seq, (answered.get(seq) ?? 0) + 1)
    }
  }
  for (const keys of keysOf.values()) expect(keys.size).toBe(1)
  const twice = [...answered.values()].filter((count) => count > 1).length
  // Only what was under way at a kill: its answer was sent, and heard by nobody.
  expect(twice).toBeLessThanOrEqual(kills * underWay * together)
})
