// Guarantee: however often the configuration changes under load, every record is at every sink once, and no connection ends that
// belongs to nothing that changed.
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import {
  AffiantProcess,
  type AgentProcess,
  configure,
  startAgent,
  WorkDirectory,
} from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { freePort } from '../free-port.ts'
import { full, randomFrom, seed } from '../seed.ts'
import { openHttpDestination } from '../sinks/http/destination.ts'

const reloads = full ? 50 : 10
/** Each fifth is refused. */
const isRefused = (n: number) => n % 5 === 4

interface Taken {
  readonly action: string
  readonly unmapped?: { readonly n?: number; readonly from?: string }
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly provenance?: { readonly receiver: string }
}

/** One client that never lets go of its connection, and counts how often it had to make one. */
class Client {
  connections = 0
  sent = 0
  readonly failures: string[] = []
  readonly #name: string
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #stop = false
  readonly #running: Promise<void>

  constructor(name: string, port: number) {
    this.#name = name
    this.#port = port
    this.#running = this.#run()
  }

  async end(): Promise<void> {
    this.#stop = true
    await this.#running
    this.#agent.destroy()
  }

  async #run(): Promise<void> {
    while (!this.#stop) {
      const record = { user: 'u', event: 'posted', n: this.sent, from: this.#name }
      const options = { port: this.#port, method: 'POST', agent: this.#agent }
      const asking = httpRequest({ ...options, headers: { 'content-type': 'application/json' } })
      const seen = (socket: Socket) => {
        if (socket.connecting) this.connections++
      }
      asking.once('socket', seen)
      try {
        asking.end(JSON.stringify(record))
        const [answer]: IncomingMessage[] = await once(asking, 'response')
        const said = await text(answer!)
        if (answer?.statusCode !== 200 && answer?.statusCode !== 204) throw new Error(said)
      } catch (error) {
        this.failures.push(String(error))
        return
      }
      this.sent++
    }
  }
}

test(`${reloads} reloads under load, each fifth of them refused`, { timeout: 240_000 }, async () => {
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  using directory = new WorkDirectory()
  await using hook = await destination()
  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  onTestFinished(() => void occupied.close())
  const taken = occupied.address()
  const occupiedPort = typeof taken === 'object' ? taken?.port : 0
  const [web, ...sides] = [await freePort(), await freePort(), await freePort()]

  const state = {
    linger: '50ms',
    poll: '50ms',
    workers: 0,
    extra: false,
    split: false,
    redact: false,
    side: sides[0]!,
    preset: 'json',
  }
  const configuration = () => ({
    agent: { id: 'reloads', data_dir: directory.at('data'), workers: state.workers },
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')], poll: state.poll },
      web: { type: 'http', listen: `127.0.0.1:${web}`, preset: state.preset },
      side: { type: 'http', listen: `127.0.0.1:${state.side}` },
    },
    redact: state.redact ? [{ path: 'unmapped.nothing', method: 'drop' }] : [],
    sinks: {
      hook: { type: 'http', url: hook.url, batch: { linger: state.linger, max_events: 50 } },
      out: { type: 'file', path: directory.at('out.ndjson'), batch: { linger: state.linger } },
      ...(state.extra && { extra: { type: 'file', path: directory.at('extra.ndjson') } }),
    },
    ...(state.split && {
      routes: [
        { name: 'noise', when: 'action == "no such action"', drop: 'never' },
        { name: 'posted', from: ['web'], to: ['hook', 'out'] },
        { name: 'rest', to: state.extra ? ['out', 'extra', 'hook'] : ['out', 'hook'] },
      ],
    }),
    telemetry: { listen: '127.0.0.1:0', log: { format: 'json' } },
  })
  const path = directory.at('affiant.yaml')
  const write = (content: unknown) => writeFileSync(path, JSON.stringify(content))
  const changes: readonly (() => void)[] = [
    () => (state.linger = state.linger === '50ms' ? '20ms' : '50ms'),
    () => (state.poll = state.poll === '50ms' ? '30ms' : '50ms'),
    () => (state.workers = 1 - state.workers),
    () => (state.extra = !state.extra),
    () => (state.split = !state.split),
    () => (state.redact = !state.redact),
    () => (state.side = state.side === sides[0] ? sides[1]! : sides[0]!),
    () => (state.preset = state.preset === 'json' ? 'auto' : 'json'),
  ]
  const refusals: readonly (() => void)[] = [
    () => writeFileSync(path, '{ receivers: '),
    () => write({ ...configuration(), sinks: { hook: { type: 'http', urll: hook.url } } }),
    () => write({ ...configuration(), agent: { id: 'another' } }),
    // It is valid, and cannot start: what ran before is put back.
    () => {
      const { receivers, ...rest } = configuration()
      const stolen = { type: 'http', listen: `127.0.0.1:${occupiedPort}` }
      write({ ...rest, receivers: { ...receivers, side: stolen } })
    },
  ]

  write(configuration())
  await using agent: AgentProcess = startAgent(path)
  await agent.ready()
  const clients = ['a', 'b', 'c'].map((name) => new Client(name, web))
  let written = 0
  const writing = setInterval(() => {
    for (const file of ['x', 'y']) {
      const line = { user: 'u', event: 'written', n: written++, from: 'file' }
      appendFileSync(directory.at(`${file}.log`), `${JSON.stringify(line)}\n`)
    }
  }, 4)
  onTestFinished(() => clearInterval(writing))

  const counted = async (result: string) =>
    (await agent.metric('affiant_config_reloads_total', `{result="${result}"}`)) ?? 0
  const wanted = { changed: 0, refused: 0 }
  for (let n = 0; n < reloads; n++) {
    const result = isRefused(n) ? 'refused' : 'changed'
    if (result === 'refused') refusals[Math.floor(n / 5) % refusals.length]!()
    else {
      const first = changes[n % changes.length]!
      first()
      const second = pick(changes)
      if (second !== first) second()
      write(configuration())
    }
    const before = clients.reduce((sum, { sent }) => sum + sent, 0)
    agent.signal('SIGHUP')
    wanted[result]++
    await until(
      `reload ${n}: ${result}`,
      async () => (await counted(result)) === wanted[result],
      () => agent.stderr.split('\n').slice(-6),
    )
    await until('more is taken in', () => clients.reduce((sum, { sent }) => sum + sent, 0) > before + 20)
  }
  clearInterval(writing)
  await Promise.all(clients.map((client) => client.end()))
  expect(clients.flatMap(({ failures }) => failures)).toEqual([])
  expect(clients.map(({ connections }) => connections)).toEqual([1, 1, 1])

  interface Report {
    readonly sinks: Readonly<Record<string, Readonly<Record<string, number>>>>
    readonly files: readonly { readonly size: number; readonly settled: number | null }[]
  }
  let report: Report | undefined
  await until(
    'all is settled',
    async () => {
      report = (await (await fetch(`http://${agent.telemetry}/files`)).json()) as Report
      return (
        report.files.every(({ size, settled }) => size === settled) &&
        Object.values(report.sinks).every(({ unsettled }) => unsettled === 0)
      )
    },
    () => report,
  )
  for (const [name, sink] of Object.entries(report!.sinks)) {
    expect({ name, routed: sink.routed }).toEqual({ name, routed: sink.accepted })
  }
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)

  const expected = [
    ...Array.from({ length: written }, (_, n) => `file ${n}`),
    ...clients.flatMap(({ sent }, at) => Array.from({ length: sent }, (_, n) => `${'abc'[at]} ${n}`)),
  ].toSorted()
  const records = (events: readonly Taken[]) =>
    events
      .flatMap(({ unmapped }) => (unmapped?.n === undefined ? [] : [`${unmapped.from} ${unmapped.n}`]))
      .toSorted()
  const out = eventsOf(readFileSync(directory.at('out.ndjson'), 'utf8'))
  expect(records(out)).toEqual(expected)
  expect(records(hook.taken)).toEqual(expected)
  const own = (action: string) => out.filter((event) => event.action === action)
  expect(own('affiant.config.changed')).toHaveLength(wanted.changed)
  expect(own('affiant.config.refused')).toHaveLength(wanted.refused)
  // Each begins where the one before ended.
  const hashes = own('affiant.config.changed').map(({ metadata }) => metadata!)
  for (const [at, { from_sha256: from }] of hashes.entries())
    if (at > 0) expect(from).toBe(hashes[at - 1]!.to_sha256)
})

test('a journal that is full for a destination that is gone goes on once the sink has another one, though routes change too', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  await using hook = await destination()
  const lines = 12_000
  const line = (n: number) => `${JSON.stringify({ user: 'u', event: 'written', n, from: 'file' })}\n`
  directory.write('x.log', Array.from({ length: lines }, (_, n) => line(n)).join(''))
  const write = (url: string, more: Record<string, unknown>) =>
    configure(directory, {
      journal: { max_size: '1MiB', segment_size: '64KiB', keep: '0s' },
      sinks: {
        hook: { type: 'http', url, retry: { initial: '20ms', max: '100ms' } },
        out: { type: 'file', path: directory.at('out.ndjson') },
      },
      telemetry: { listen: '127.0.0.1:0', log: { format: 'json' } },
      ...more,
    })
  const config = write(`http://127.0.0.1:${await freePort()}`, {})
  await using agent = startAgent(config)
  await agent.ready()
  const isFull = async () => (await agent.metric('affiant_journal_pressure', '{reason="full"}')) === 1
  await until('the journal is full', isFull)
  // Batches wait for room, with the bits of the routes that there were.
  const noise = { name: 'noise', when: 'action == "no such action"', drop: 'never' }
  write(hook.url, { routes: [noise, { name: 'rest', to: ['hook', 'out'] }] })
  agent.signal('SIGHUP')
  const records = (taken: readonly Taken[]) =>
    taken.flatMap(({ unmapped }) => (unmapped?.n === undefined ? [] : [unmapped.n]))
  await until(
    'all lines arrived',
    () => records(hook.taken).length >= lines,
    () => [records(hook.taken).length, agent.stderr.slice(-2_000)],
  )
  expect(records(hook.taken).toSorted((a, b) => a - b)).toEqual(Array.from({ length: lines }, (_, n) => n))
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  // Here one batch is under way at a time: in the order of the journal.
  const out = records(eventsOf(readFileSync(directory.at('out.ndjson'), 'utf8')))
  expect(out).toEqual(Array.from({ length: lines }, (_, n) => n))
})

test('a file that another receiver reads from now on is read on where the one before was', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  const follow = (...names: string[]) => ({
    type: 'file',
    include: names.map((name) => directory.at(name)),
    poll: '50ms',
  })
  const path = (name: string) => directory.at(`${name}.log`)
  let n = 0
  const append = () => {
    for (const name of ['x', 'y'])
      appendFileSync(path(name), `${JSON.stringify({ user: 'u', event: 'written', n: n++, from: name })}\n`)
  }
  append()
  const write = (receivers: Record<string, unknown>) => configure(directory, { receivers })
  // Both match y; the first has it.
  const config = write({ a: follow('x.log', 'y.log'), b: follow('y.log') })
  await using agent = startAgent(config)
  await agent.ready()
  const seen = () => {
    const events = eventsOf(readFileSync(directory.at('out.ndjson'), 'utf8'))
    return events.flatMap(({ unmapped, provenance }) =>
      unmapped?.n === undefined ? [] : [{ n: unmapped.n, from: unmapped.from, by: provenance?.receiver }],
    )
  }
  const arrived = async () =>
    await until(
      'all arrived',
      () => existsSync(directory.at('out.ndjson')) && seen().length >= n,
      () => agent.stderr.slice(-2_000),
    )
  let changes = 0
  const reload = async (receivers: Record<string, unknown>) => {
    write(receivers)
    agent.signal('SIGHUP')
    changes++
    await until(
      'it has changed',
      async () => (await agent.metric('affiant_config_reloads_total', '{result="changed"}')) === changes,
      () => agent.stderr.slice(-2_000),
    )
    append()
    await arrived()
  }
  await arrived()
  await reload({ a: follow('x.log'), b: follow('y.log') })
  await reload({ c: follow('x.log'), b: follow('y.log') })
  await reload({ b: follow('x.log', 'y.log') })
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  expect(
    seen()
      .map(({ n: number, from, by }) => `${number} ${from} ${by}`)
      .toSorted(),
  ).toEqual(['0 x a', '1 y a', '2 x a', '3 y b', '4 x c', '5 y b', '6 x b', '7 y b'])
})

test('a mounted ConfigMap that is swapped is taken up by itself; a replay to a sink that changes ends, and says how far it came', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  await using hook = await destination()
  const count = 400
  const line = (n: number) => `${JSON.stringify({ user: 'u', event: 'written', n, from: 'file' })}\n`
  directory.write('x.log', Array.from({ length: count }, (_, n) => line(n)).join(''))
  /** As the kubelet does: a directory beside, and then the link to it in place of the other. */
  const mount = (version: number, linger: string) => {
    const batch = { max_events: 10, linger }
    const written = configure(directory, {
      sinks: { hook: { type: 'http', url: hook.url, concurrency: { max: 1 }, batch } },
      telemetry: { listen: '127.0.0.1:0', log: { format: 'json' } },
    })
    mkdirSync(directory.at('mount', `..${version}`), { recursive: true })
    renameSync(written, directory.at('mount', `..${version}`, 'affiant.yaml'))
    symlinkSync(`..${version}`, directory.at('mount', '..next'))
    renameSync(directory.at('mount', '..next'), directory.at('mount', '..data'))
  }
  mount(1, '20ms')
  const config = directory.at('mount', 'affiant.yaml')
  symlinkSync('..data/affiant.yaml', config)
  await using agent = startAgent(config, ['--watch'])
  await agent.ready()
  await until('all lines arrived', () => hook.taken.length >= count)

  // From here on it takes its time.
  hook.delay = 200
  const range = ['--from', '0', '--to', `${count - 1}`]
  await using replay = new AffiantProcess(['replay', '--sink', 'hook', ...range, '--json', '-c', config])
  const before = hook.taken.length
  await until('some is sent once more', () => hook.taken.length > before + 20)
  mount(2, '30ms')
  await until(
    'it has changed',
    async () => (await agent.metric('affiant_config_reloads_total', '{result="changed"}')) === 1,
    () => agent.stderr.slice(-2_000),
  )
  const ended = await replay.result()
  const last: unknown = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1)!)
  expect(last).toMatchObject({ kind: 'end', outcome: 'ended' })
  expect(ended.code).toBe(1)
  expect(await agent.readiness()).toMatchObject({ status: 200 })
})

const eventsOf = (lines: string): Taken[] =>
  lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Taken]))

async function destination() {
  const server = await openHttpDestination()
  const taken: Taken[] = []
  /** `delay`: before it answers, milliseconds. */
  const own = { url: server.url, taken, delay: 0, [Symbol.asyncDispose]: () => server.close() }
  server.answer = async (request, response) => {
    const body = await text(request)
    if (own.delay > 0) await systemClock.sleep(own.delay)
    taken.push(...eventsOf(body))
    response.writeHead(204).end()
  }
  return own
}
