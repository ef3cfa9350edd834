/**
 * The agent's own log, exported (`telemetry.logs.otlp`), by a way that leads back into the agent's own receiver: it comes
 * to rest. A collector that hangs takes nothing from the pipeline, and does not hold up the end.
 */
import { once } from 'node:events'
import { appendFileSync, symlinkSync } from 'node:fs'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

/** Between the agent and itself, so that no check of the configuration can see it. */
class Detour implements AsyncDisposable {
  /** `host:port` that requests go on to; until it is known, and once it hangs, nobody is answered. */
  target: string | undefined
  requests = 0
  readonly #server = createServer((request, response) => {
    this.requests++
    if (this.target === undefined) return
    const { method, url, headers } = request
    const onward = send(`http://${this.target}${url}`, { method: method!, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })

  static async open(): Promise<Detour> {
    const detour = new Detour()
    detour.#server.listen(0, '127.0.0.1')
    await once(detour.#server, 'listening')
    return detour
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Something to log: a file that cannot be read. */
const unreadable = (path: string) => symlinkSync(path, path)

test('it does not feed itself, and a collector that hangs is a matter of nobody else', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  await using detour = await Detour.open()
  const out = directory.at('out.ndjson')
  const config = configure(directory, {
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
      otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
    },
    telemetry: { listen: '127.0.0.1:0', logs: { otlp: { endpoint: detour.url } } },
  })
  await using agent = startAgent(config)
  await agent.ready()
  const taken = async () => (await agent.metric('affiant_receiver_records_total', '{receiver="otlp"}')) ?? 0
  // What happened before does not come once it can: the first export hangs.
  detour.target = agent.otlp
  unreadable(directory.at('first.log'))
  await until('its own log', async () => (await taken()) > 0)
  // Longer than several exports take: what it took in has not led to more, and more, and more.
  const [records, end] = [await taken(), performance.now() + 4_000]
  while (performance.now() < end) await setTimeout(100)
  expect((await taken()) - records).toBeLessThan(10)
  expect(agent.stderr.split('\n').length).toBeLessThan(50)

  detour.target = undefined
  appendFileSync(directory.at('app.log'), '{"user":"u_1","event":"invoice.read"}\n')
  await until('an event', () => eventsIn(out).some(({ action }) => action === 'invoice.read'))
  const { requests } = detour
  unreadable(directory.at('second.log'))
  await until('an export that hangs', () => detour.requests > requests)
  const asked = performance.now()
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - asked).toBeLessThan(8_000)
})
