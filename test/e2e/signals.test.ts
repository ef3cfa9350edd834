// SIGTERM and Ctrl-C: what was taken is answered, committed and delivered; who asks twice is not kept waiting.

import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { type AgentProcess, configure, startAgent, WorkDirectory } from './agent-process.ts'
import { HttpDestination } from './http-destination.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const line = (n: number) => `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n })}\n`
const recordId = '8f3c0000-0000-4000-8000-000000000007'
const body = JSON.stringify({
  resourceLogs: [
    {
      scopeLogs: [
        { logRecords: [{ attributes: [{ key: 'audit.record.id', value: { stringValue: recordId } }] }] },
      ],
    },
  ],
})

function configured(directory: WorkDirectory, url: string, drain = '10s'): string {
  return configure(directory, {
    agent: { drain },
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
      otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
    },
    sinks: { hook: { type: 'http', url } },
  })
}

/** Until the first signal has been understood. */
async function draining(agent: AgentProcess): Promise<void> {
  await until('the drain', async () => (await agent.readiness()).body.includes('the agent is draining'))
}

/** Asks again until it has ended: as soon as what came with the first request has been heard, once is enough. */
async function insist(agent: AgentProcess, signal: NodeJS.Signals): Promise<void> {
  while (agent.running) {
    // Longer than what counts as the same request.
    await pause(400)
    agent.signal(signal)
  }
}

describe.concurrent('signals', () => {
  test('SIGTERM drains: a request under way is answered, the sink gets all, and nothing is sent again', async () => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    const config = configured(directory, destination.url)
    {
      await using agent = startAgent(config)
      await agent.ready()
      const [host, port] = agent.otlp.split(':')
      const request = httpRequest({
        host,
        port,
        agent: false,
        method: 'POST',
        path: '/v1/logs',
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          expect: '100-continue',
        },
      })
      const answered = once(request, 'response')
      request.flushHeaders()
      // The agent has seen the head of the request; half of its body follows, and then the signal.
      await once(request, 'continue')
      request.write(body.slice(0, 50))
      let text = ''
      for (let n = 0; n < 2_000; n++) text += line(n)
      appendFileSync(directory.at('app.log'), text)
      await until('a first delivery', () => destination.events.length > 0)
      agent.signal('SIGTERM')
      await draining(agent)
      request.end(body.slice(50))
      const [response] = await answered
      expect(response.statusCode).toBe(200)
      expect(await agent.ended).toEqual({ code: 0, signal: null })
      expect(destination.timesById.get(recordId)).toBe(1)
    }

    appendFileSync(directory.at('app.log'), line(2_000))
    await using agent = startAgent(config)
    await agent.ready()
    expect(agent.stdout).toMatch(/recovered in [\d,]+ ms: no torn tail/)
    await until('all lines', () => destination.events.length === 2_001 + 1)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
    expect([...destination.timesById.values()].filter((times) => times !== 1)).toEqual([])
  })

  test('a second SIGTERM ends at once, also when the destination hangs; what is committed goes out later', async () => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    destination.answer = 'silence'
    const config = configured(directory, destination.url, '1m')
    directory.write('app.log', line(0))
    {
      await using agent = startAgent(config)
      await agent.ready()
      await until('a request without an answer', () => destination.silent > 0)
      agent.signal('SIGTERM')
      await draining(agent)
      await insist(agent, 'SIGTERM')
      expect(await agent.ended).toEqual({ code: 143, signal: null })
      expect(agent.stderr).toContain(
        'affiant: SIGTERM again: stopping at once; what is committed stays in the journal\n',
      )
    }
    destination.answer = 204
    await using agent = startAgent(config)
    await agent.ready()
    await until('the line', () => destination.events.length === 1)
  })

  test.each([
    ['Ctrl-C that npm hands on as well', 'SIGINT', 30],
    ['SIGTERM to the process and to its group', 'SIGTERM', 0],
  ] as const)('%s counts once: the drain goes on, and ends at its deadline', async (_name, signal, gap) => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    destination.answer = 'silence'
    const config = configured(directory, destination.url, '500ms')
    directory.write('app.log', line(0))
    await using agent = startAgent(config)
    await agent.ready()
    await until('a request without an answer', () => destination.silent > 0)
    agent.signal(signal)
    // Nothing else has its turn: on a loaded machine, this process could come too late.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, gap)
    agent.signal(signal)
    expect(await agent.ended, agent.stderr).toEqual({ code: 0, signal: null })
    expect(agent.stderr).not.toContain('again')
    expect(agent.log.at(-1)?.msg).toMatch(
      /^not everything was delivered before the deadline; it stays in the journal/,
    )
  })

  test('a second Ctrl-C, pressed later, ends at once', async () => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    destination.answer = 'silence'
    directory.write('app.log', line(0))
    await using agent = startAgent(configured(directory, destination.url, '1m'))
    await agent.ready()
    await until('a request without an answer', () => destination.silent > 0)
    agent.signal('SIGINT')
    await draining(agent)
    await insist(agent, 'SIGINT')
    expect(await agent.ended).toEqual({ code: 130, signal: null })
  })
})
