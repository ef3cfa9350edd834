// `affiant replay` and `affiant dlq replay | purge`, typed: beside a running agent, and without one.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { expect, test, vi } from 'vitest'
import {
  AffiantProcess,
  type AgentProcess,
  configure,
  startAgent,
  WorkDirectory,
} from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine.
vi.setConfig({ testTimeout: 120_000 })

const lines = (from: number, to: number, more = '') =>
  Array.from(
    { length: to - from },
    (_, n) => `{"user":"u_${from + n}","event":"invoice.read${more}"}\n`,
  ).join('')

interface Scene {
  readonly directory: WorkDirectory
  readonly hook: HttpDestination
  readonly config: string
  readonly affiant: (...args: string[]) => AffiantProcess
  readonly type: (...args: string[]) => ReturnType<AffiantProcess['result']>
  /** Seqs that arrived at least `times` times. */
  readonly seqs: (times: number) => number[]
  /** The agent's own events with this action, in order. */
  readonly own: (action: string) => Record<string, unknown>[]
}

async function scene(directory: WorkDirectory, hook: HttpDestination, more: object = {}): Promise<Scene> {
  const sink = { type: 'http', url: hook.url, retry: { initial: '10ms', max: '50ms' }, ...more }
  const config = configure(directory, { sinks: { hook: sink } })
  const affiant = (...args: string[]) => new AffiantProcess([...args, '-c', config])
  return {
    directory,
    hook,
    config,
    affiant,
    type: (...args) => affiant(...args).result(),
    seqs: (times) => {
      const counts = Map.groupBy(hook.delivered, ({ event }) => event.log.seq)
      return [...counts]
        .filter(([, found]) => found.length >= times)
        .map(([seq]) => seq)
        .toSorted((a, b) => a - b)
    },
    own: (action) => {
      const found = new Map(
        hook.delivered.filter(({ event }) => event.action === action).map(({ event }) => [event.id, event]),
      )
      return [...found.values()].map(({ metadata, outcome }) => ({ ...metadata, result: outcome.result }))
    },
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)

async function running(config: string): Promise<AgentProcess> {
  const agent = startAgent(config)
  await agent.ready()
  return agent
}

async function end(agent: AgentProcess): Promise<void> {
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
}

const whoAmI = { uid: process.getuid?.(), said_by: 'the command', user: expect.any(String) }

test('a range of the journal, beside the agent and without it: exactly that, on record, in no other count', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const { config, type, affiant, seqs, own } = await scene(directory, hook)
  directory.write('app.log', lines(0, 100))
  {
    await using agent = await running(config)
    await until('all lines', () => hook.events.length === 100)
    expect(statSync(directory.at('data/control.sock')).mode & 0o777).toBe(0o600)
    const before = await agent.metric('affiant_sink_events_total', '{sink="hook"}')
    expect(await type('replay', '--sink', 'hook', '--from', '10', '--to', '19')).toEqual({
      code: 0,
      signal: null,
      stdout: '10 of 10 events went to sink hook\n',
      stderr: '',
    })
    expect(seqs(2)).toEqual(range(10, 20))
    await until('both own events', () => own('affiant.sink.replay_ended').length === 1)
    const note = { source: 'journal', first_seq: 10, last_seq: 19, count: 10, requested_by: whoAmI }
    expect(own('affiant.sink.replay_started')).toMatchObject([{ ...note, result: 'success' }])
    expect(own('affiant.sink.replay_ended')).toMatchObject([
      { ...note, outcome: 'done', accepted: 10, refused: 0, settled: 20, result: 'success' },
    ])
    const labels = '{sink="hook",source="journal"}'
    expect(await agent.metric('affiant_sink_replayed_events_total', labels)).toBe(10)
    // Only the two own events.
    expect(await agent.metric('affiant_sink_events_total', '{sink="hook"}')).toBe((before ?? 0) + 2)
    const books = JSON.parse(await (await fetch(`http://${agent.telemetry}/files`)).text()).sinks.hook
    expect(books.routed).toBe(books.accepted + books.unsettled)
    await end(agent)
  }
  expect(existsSync(directory.at('data/control.sock'))).toBe(false)

  const json = await type('replay', '--sink', 'hook', '--from', '20', '--to', '29', '--json')
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 0, stderr: '' })
  const told = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(told[0]).toMatchObject({ kind: 'begun', events: 10, from: 20, to: 29, missing: [] })
  expect(told.at(-1)).toMatchObject({ kind: 'end', outcome: 'done', accepted: 10, settled_seq: 30 })
  expect(seqs(2)).toEqual(range(10, 30))

  const wrong = [
    { args: ['replay', '--sink', 'nobody', '--from', '1'], code: 66, says: 'no sink nobody is configured' },
    { args: ['replay', '--sink', 'hook', '--from', '1', '--to', '9999'], code: 66, says: 'no seq 9999 yet' },
    { args: ['replay', '--sink', 'hook', '--from', '9', '--to', '3'], code: 64, says: 'behind' },
    { args: ['replay', '--sink', 'hook', '--from', 'x'], code: 64, says: 'no seq' },
    { args: ['replay', '--sink', 'hook', '--from', '1', '--timeout', '5'], code: 64, says: 'no duration' },
    { args: ['replay', '--sink', 'hook'], code: 64, says: '--from' },
    { args: ['dlq', 'replay', 'nobody'], code: 66, says: 'no sink nobody is configured' },
    { args: ['dlq', 'purge', 'nobody', '--yes'], code: 66, says: 'no dead letters' },
    { args: ['dlq', 'purge', 'hook'], code: 64, says: '--yes' },
  ]
  for (const { args, code, says } of wrong) {
    const { stderr, ...result } = await affiant(...args).result()
    expect(result, stderr).toMatchObject({ code, stdout: '' })
    expect(stderr).toContain(says)
  }
  // What was recorded without an agent is delivered by the next one.
  await using _agent = await running(config)
  await until('the own events of the command', () => own('affiant.sink.replay_ended').length === 2)
  expect(own('affiant.agent.recovered')).toEqual([])
})

test('a destination that is away is waited for; Ctrl-C and --timeout end it, and it is on record how far it came', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const { config, affiant, type, own } = await scene(directory, hook)
  directory.write('app.log', lines(0, 50))
  {
    await using agent = await running(config)
    await until('all lines', () => hook.events.length === 50)
    hook.answer = 503
    await using waiting = affiant('replay', '--sink', 'hook', '--from', '5', '--to', '30', '--json')
    await until(
      'that it waits',
      () => /"waiting":"HTTP 503/.test(waiting.stdout),
      () => waiting.stderr,
    )
    const busy = await type('dlq', 'replay', 'hook')
    expect(busy).toMatchObject({ code: 75, stderr: expect.stringContaining('sink hook right now') })
    waiting.signal('SIGINT')
    const ended = await waiting.result()
    expect(ended, ended.stderr).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      kind: 'end',
      outcome: 'ended',
      accepted: 0,
      settled_seq: 5,
    })

    // A command that is killed closes its connection: that ends it as well.
    const requests = hook.requests.length
    const killed = affiant('replay', '--sink', 'hook', '--from', '5', '--to', '30', '--json')
    await until('that it waits', () => /"waiting":"HTTP 503/.test(killed.stdout))
    // Not at once where the circuit is still open.
    await until('that it asks', () => hook.requests.length > requests)
    killed.signal('SIGKILL')
    await killed.ended
    hook.answer = 204
    await until('that it is on record', () => own('affiant.sink.replay_ended').length === 2)
    expect(own('affiant.sink.replay_ended')[1]).toMatchObject({
      outcome: 'ended',
      accepted: 0,
      result: 'failure',
    })

    hook.answer = 503
    const early = await type('replay', '--sink', 'hook', '--from', '5', '--to', '30', '--timeout', '1ms')
    expect(early, early.stderr).toMatchObject({ code: 1, stderr: '' })

    // An agent that stops ends it first, and is heard by the command.
    await using stopped = affiant('replay', '--sink', 'hook', '--from', '5', '--to', '30', '--json')
    await until('that it waits', () => /"waiting":"HTTP 503/.test(stopped.stdout))
    agent.signal('SIGTERM')
    expect(await stopped.result()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"outcome":"ended"'),
    })
    hook.answer = 204
    await agent.ended
  }
  hook.answer = 503
  const early = await type('replay', '--sink', 'hook', '--from', '5', '--to', '30', '--timeout', '1ms')
  expect(early, early.stderr).toMatchObject({ code: 1, stderr: '' })
  expect(early.stdout).toContain('ended before its end: --from 5 goes on')
  const late = await type('replay', '--sink', 'hook', '--from', '5', '--to', '30', '--timeout', '6s')
  expect(late, late.stderr).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^0 of 26 events .*\nended before its end: --from 5 goes on/),
  })
})

test('dead letters: sent once more when it is put right, kept with the reason when it is not, purged on record', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const { config, type, own } = await scene(directory, hook)
  // One event of a batch is bad: the destination takes the others.
  let strict = true
  hook.inspect = (events) => {
    hook.answer = strict && events.some(({ line }) => line.includes('read.bad')) ? 400 : 204
  }
  directory.write('app.log', lines(0, 40) + lines(40, 43, '.bad') + lines(43, 80))
  await using _agent = await running(config)
  await until('all others', () => hook.events.filter(({ action }) => action === 'invoice.read').length === 77)
  await until('dead letters', async () => /^hook +3 /m.test((await type('dlq', 'list')).stdout))
  const shown = (await type('dlq', 'show', 'hook', '--events')).stdout

  strict = false
  expect(await type('dlq', 'replay', 'hook')).toMatchObject({
    code: 0,
    stdout: '3 of 3 dead letters went to sink hook\n',
    stderr: '',
  })
  const arrived = hook.delivered.filter(({ line }) => line.includes('read.bad'))
  expect(arrived.map(({ line }) => `${line}\n`).join('')).toBe(shown)
  expect((await type('dlq', 'list')).stdout).toBe('no dead letters\n')
  const status = JSON.parse((await type('status', '--json')).stdout)
  expect(status.sinks[0]).toMatchObject({ dead_letters: 3, dead_letter_bytes: 0 })
  await until('on record', () => own('affiant.sink.replay_ended').length === 1)
  expect(own('affiant.sink.replay_ended')).toMatchObject([
    { source: 'dead_letters', count: 3, accepted: 3, refused: 0, outcome: 'done', requested_by: whoAmI },
  ])

  strict = true
  directory.write('app2.log', lines(0, 40) + lines(40, 42, '.bad') + lines(43, 80))
  await until('dead letters', async () => /^hook +2 /m.test((await type('dlq', 'list')).stdout))
  expect(await type('dlq', 'replay', 'hook')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /^0 of 2 dead letters went to sink hook\n2 stay: affiant dlq list says why\n$/,
    ),
  })
  const kept = (await type('dlq', 'show', 'hook')).stdout
  expect(kept.trimEnd().split('\n')).toHaveLength(2)

  const purged = await type('dlq', 'purge', 'hook', '--yes')
  expect(purged).toMatchObject({ code: 0, stdout: '2 dead letters of sink hook are gone\n', stderr: '' })
  expect(readdirSync(directory.at('data/dlq/hook'))).toEqual([])
  await until('on record', () => own('affiant.sink.purged').length === 1)
  const { createHash } = await import('node:crypto')
  const note = {
    count: 2,
    sha256: createHash('sha256').update(kept).digest('hex'),
    requested_by: whoAmI,
  }
  expect(own('affiant.sink.purge_started')).toMatchObject([note])
  expect(own('affiant.sink.purged')).toMatchObject([{ ...note, result: 'success' }])
})

test('a data directory whose path no socket takes, and a socket that a killed agent left', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const deep = directory.at(...Array.from({ length: 12 }, () => 'a-rather-long-name'), 'data')
  mkdirSync(deep, { recursive: true })
  const sinks = { hook: { type: 'http', url: hook.url } }
  const config = configure(directory, { agent: { data_dir: deep }, sinks })
  directory.write('app.log', lines(0, 20))
  {
    await using agent = await running(config)
    await until('all lines', () => hook.events.length === 20)
    agent.signal('SIGKILL')
    await agent.ended
  }
  expect(statSync(`${deep}/control.sock`).isSocket()).toBe(true)
  const typed = (from: string) =>
    new AffiantProcess(['replay', '--sink', 'hook', '--from', from, '--to', from, '-c', config]).result()
  // Nobody listens there: the command does it itself.
  expect(await typed('1')).toMatchObject({ code: 0, stderr: '' })
  await using agent = await running(config)
  expect(agent.stderr).not.toContain('control socket')
  expect(await typed('2')).toMatchObject({ code: 0, stderr: '' })
  await end(agent)
  expect(existsSync(`${deep}/control.sock`)).toBe(false)
})

test('what is no request is refused, and the agent goes on', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const { config, type } = await scene(directory, hook)
  directory.write('app.log', lines(0, 5))
  await using agent = await running(config)
  const ask = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = createConnection(directory.at('data/control.sock'))
      let answer = ''
      socket.setEncoding('utf8').on('data', (part: string) => {
        answer += part
      })
      socket.on('error', reject).on('close', () => resolve(answer))
      socket.end(text)
    })
  const post = (body: string) =>
    ask(
      `POST /operations HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  expect(await post('no JSON')).toMatch(/^HTTP\/1.1 400 .*"code":"bad_request"/s)
  expect(await post('{"id":"1","operation":"rm"}')).toMatch(/^HTTP\/1.1 400 /)
  expect(await post('x'.repeat(20_000))).toMatch(/^HTTP\/1.1 413 /)
  expect(await ask('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1.1 404 /,
  )
  expect(await ask('garbage\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  expect(await type('replay', '--sink', 'hook', '--from', '1', '--to', '1')).toMatchObject({ code: 0 })
  await end(agent)
  expect(readFileSync(directory.at('app.log'), 'utf8')).toHaveLength(lines(0, 5).length)
})
