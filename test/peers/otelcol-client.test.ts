/** An OpenTelemetry Collector as client, with its retry and queue: the agent is killed and stopped in the middle, nothing is missing. */
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { type Exporters, findOtelcolClient, OtelcolClient } from './otelcol/client.ts'
import { freePort } from './ports.ts'

const program = await findOtelcolClient()
const perRequest = 20
/** Between two interruptions, and behind the last. */
const between = 1000

const retrying = {
  retry_on_failure: { initial_interval: '50ms', max_interval: '500ms', max_elapsed_time: '0s' },
  sending_queue: { queue_size: 100_000, num_consumers: 4 },
  timeout: '5s',
}

interface Way {
  readonly receiver: (port: number) => object
  readonly exporter: (port: number) => Exporters
}

const listen = (port: number) => ({ listen: `127.0.0.1:${port}` })
const plain = { tls: { insecure: true } }
const ways: Readonly<Record<string, Way>> = {
  'otlp (gRPC)': {
    receiver: (port) => ({ type: 'otlp', grpc: listen(port) }),
    exporter: (port) => ({ otlp: { endpoint: `127.0.0.1:${port}`, ...plain, ...retrying } }),
  },
  'otlphttp (protobuf)': {
    receiver: (port) => ({ type: 'otlp', http: listen(port) }),
    exporter: (port) => ({ otlphttp: { endpoint: `http://127.0.0.1:${port}`, ...retrying } }),
  },
  'otlphttp (JSON)': {
    receiver: (port) => ({ type: 'otlp', http: listen(port) }),
    exporter: (port) => ({
      otlphttp: { endpoint: `http://127.0.0.1:${port}`, encoding: 'json', compression: 'zstd', ...retrying },
    }),
  },
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

/** Hands records to the collector until it is told to stop; `names` of those that it has taken. */
class Posting {
  readonly names: string[] = []
  readonly #url: string
  readonly #done: Promise<void>
  #stopping = false

  constructor(url: string) {
    this.#url = url
    this.#done = this.#post()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#done
  }

  async #post(): Promise<void> {
    while (!this.#stopping) {
      const names = Array.from({ length: perRequest }, (_, n) => `u${this.names.length + n}`)
      const logRecords = names.map((name) => ({
        timeUnixNano: '1795431600000000001',
        attributes: [text('audit.actor.id', name), text('audit.action', 'order.read')],
      }))
      const { status } = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
      })
      if (status !== 200) throw new Error(`the collector says ${status}`)
      this.names.push(...names)
      // It takes many times of what is then to be compared.
      await setTimeout(10)
    }
  }
}

describe.skipIf(program === undefined)('an OpenTelemetry Collector', () => {
  test.for(Object.entries(ways))('%s: every record that it took arrives', async ([, way]) => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    const port = await freePort()
    const config = configure(directory, {
      receivers: { apps: way.receiver(port) },
      sinks: { hook: { type: 'http', url: destination.url } },
    })
    await using otelcol = await OtelcolClient.start(program!, way.exporter(port))
    const posting = new Posting(otelcol.url)
    let agent = startAgent(config)
    try {
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        await agent.ready()
        const before = destination.events.length
        await until('some arrive', () => destination.events.length > before + between)
        agent.signal(signal)
        await agent.ended
        const posted = posting.names.length
        await until('the collector takes more', () => posting.names.length > posted + between)
        agent = startAgent(config)
      }
      await agent.ready()
      await posting.stop()
      const users = () => new Set(destination.events.map(({ actor }) => actor.id))
      await until(
        'all have arrived',
        () => destination.events.length >= posting.names.length && users().size >= posting.names.length,
        () => `${users().size} of ${posting.names.length}; ${agent.stderr}`,
      )
      expect(users()).toEqual(new Set(posting.names))
      expect(destination.events.filter(({ action }) => action !== 'order.read')).toEqual([])
    } finally {
      await posting.stop()
      await agent[Symbol.asyncDispose]()
    }
  })
})
