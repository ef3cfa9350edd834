/** Guarantee: what a client of the otlp receiver was told "success" of is in the journal, however the agent ends. */
import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Client, credentials } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { exportedLines } from '../peers/exported.ts'
import { method } from '../receivers/otlp/calling.ts'
import { decodeResponse, encodeRequest } from '../receivers/otlp/oracle.ts'
import { full, randomFrom, seed } from '../seed.ts'

const kills = full ? 60 : 6
const connections = 4
/** Requests under way at a time on one connection of gRPC; HTTP/1.1 has one. */
const streams = 3
const perRequest = 25

/** What carries one request on a connection of its own; rejects when there is no answer that says "success". */
interface Connection {
  readonly send: (body: Buffer) => Promise<Buffer>
  readonly close: () => void
  readonly streams: number
}

function overHttp(agent: AgentProcess): Connection {
  const [host, port] = agent.otlp.split(':')
  const connection = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { 'content-type': 'application/x-protobuf' }
  return {
    streams: 1,
    close: () => connection.destroy(),
    async send(body) {
      const path = '/v1/logs'
      const request = httpRequest({ host, port, path, method: 'POST', headers, agent: connection })
      request.end(body)
      const [answer]: IncomingMessage[] = await once(request, 'response')
      if (answer?.statusCode !== 200) throw new Error(`HTTP ${answer?.statusCode}`)
      return buffer(answer)
    },
  }
}

const same = (bytes: Buffer) => bytes

function overGrpc(agent: AgentProcess): Connection {
  const client = new Client(agent.otlpGrpc, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  })
  return {
    streams,
    close: () => client.close(),
    send: (body) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(method, same, same, body, (error, reply) =>
          error ? reject(error) : resolve(reply ?? Buffer.alloc(0)),
        )
      }),
  }
}

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

function requestOf(names: readonly string[]): Buffer {
  const logRecords = names.map((name) => ({
    eventName: 'order.read',
    body: { stringValue: `said by ${name}` },
    attributes: [attribute('audit.actor.id', name)],
  }))
  return encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

/** Exports until nobody answers; adds to `taken` what was answered with success. */
async function exporting(connection: Connection, sender: string, taken: string[]): Promise<void> {
  for (let number = 0; ; number++) {
    const names = Array.from({ length: perRequest }, (_, n) => `${sender}-${number}-${n}`)
    let answer: Buffer
    try {
      answer = await connection.send(requestOf(names))
    } catch {
      return
    }
    // Nothing of it may have been left out.
    expect(decodeResponse(answer)).toEqual({})
    taken.push(...names)
  }
}

test(`killed ${kills} times during exports by both protocols (seed ${seed})`, async () => {
  using directory = new WorkDirectory()
  const listen = '127.0.0.1:0'
  const config = configure(directory, {
    receivers: { apps: { type: 'otlp', http: { listen }, grpc: { listen } } },
  })
  const random = randomFrom(seed)
  const taken = { http: [] as string[], grpc: [] as string[] }
  for (let run = 0; run < kills; run++) {
    await using agent = startAgent(config)
    await agent.ready()
    const before = { http: taken.http.length, grpc: taken.grpc.length }
    const opened = Array.from({ length: connections }, () => ({
      http: overHttp(agent),
      grpc: overGrpc(agent),
    }))
    const load = opened.flatMap((pair, n) =>
      (['http', 'grpc'] as const).flatMap((protocol) =>
        Array.from({ length: pair[protocol].streams }, (_, stream) =>
          exporting(pair[protocol], `${protocol}-${run}-${n}-${stream}`, taken[protocol]),
        ),
      ),
    )
    // The first commits of a run, or those of a journal that has grown, and any moment within one.
    const requests = 1 + Math.floor(random() * (run % 2 === 0 ? 10 : 150))
    const enough = (protocol: 'http' | 'grpc') =>
      taken[protocol].length - before[protocol] >= requests * perRequest
    await until('some are taken', () => enough('http') && enough('grpc'))
    await new Promise((resolve) => setTimeout(resolve, random() * 30))
    agent.signal('SIGKILL')
    await Promise.all(load)
    for (const { http, grpc } of opened) {
      http.close()
      grpc.close()
    }
  }
  {
    await using agent = startAgent(config)
    await agent.ready()
    agent.signal('SIGTERM')
    expect((await agent.ended).code).toBe(0)
  }
  const found = (await exportedLines(config)).flatMap((line) => {
    const { actor, message } = JSON.parse(line) as {
      readonly actor: { readonly id?: string }
      readonly message?: string
    }
    if (!/^(?:http|grpc)-/.test(actor.id ?? '')) return []
    expect(message).toBe(`said by ${actor.id}`)
    return [actor.id]
  })
  const known = new Set(found)
  for (const protocol of ['http', 'grpc'] as const) {
    expect(taken[protocol].filter((name) => !known.has(name))).toEqual([])
    expect(taken[protocol].length).toBeGreaterThanOrEqual(kills * perRequest)
  }
  // A request whose answer was lost may be there as well, and none is there twice.
  expect(found).toHaveLength(known.size)
})
