// `affiant drain`, typed: what it brings out, what it hands over, how it ends, and that the agent goes on.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine.
vi.setConfig({ testTimeout: 120_000 })

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `{"user":"u_${from + n}","event":"invoice.read"}\n`).join('')

interface Line {
  readonly action: string
  readonly actor?: { readonly id?: string }
  readonly metadata?: Record<string, unknown>
  readonly log: { readonly seq: number }
}

const inFile = (path: string): Line[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Line => JSON.parse(line))
    : []

const users = (events: readonly Line[]) =>
  events.flatMap(({ actor }) => (actor?.id?.startsWith('u_') ? [actor.id] : []))
const named = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `u_${from + n}`)

test('everything is brought out: exit 0, the agent goes on, and takes what comes meanwhile', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const config = configure(directory, {
    receivers: {
      // Nothing of the file is noticed by itself.
      app: { type: 'file', include: [directory.at('*.log')], watch: 'poll', poll: '10s' },
      otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
    },
    sinks: { hook: { type: 'http', url: hook.url } },
  })
  directory.write('app.log', lines(0, 10))
  await using agent = startAgent(config)
  await agent.ready()
  await until('the first lines', () => hook.events.length === 10)
  appendFileSync(directory.at('app.log'), `${lines(10, 500)}{"user":"unfinished`)
  directory.write('new.log', lines(500, 600))
  await using drain = new AffiantProcess(['drain', '-c', config, '--timeout', '60s'])
  const { stdout, ...result } = await drain.result()
  expect(result).toEqual({ code: 0, signal: null, stderr: '' })
  expect(hook.events).toHaveLength(600)
  expect(stdout).toMatch(
    /^drained: .*, \d+ events committed meanwhile\n {2}hook: \d+ events settled meanwhile, none is left\n$/,
  )
  const body = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'later' } }] }] }],
  })
  expect((await agent.postOtlp(body)).status).toBe(200)
  appendFileSync(directory.at('app.log'), '_no_more"}\n')
  const again = await new AffiantProcess(['drain', '-c', config, '--json']).result()
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
    kind: 'end',
    outcome: 'drained',
    read: true,
    sinks: [{ sink: 'hook', required: true, unsettled: null }],
    handed_over: null,
  })
  expect(hook.events.map(({ actor }) => actor?.id)).toContain('unfinished_no_more')
  await until(
    'both on record',
    () => hook.delivered.filter(({ event }) => event.action === 'affiant.agent.drained').length === 2,
  )
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
})

test('no fallback: exit 1, with what is unsettled by sink and range; it goes out after the next start', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  hook.answer = 503
  const config = configure(directory, {
    agent: { drain: '0s' },
    sinks: {
      hook: { type: 'http', url: hook.url, retry: { max: '100ms' } },
      out: { type: 'file', path: directory.at('out.ndjson') },
      spare: { type: 'http', url: hook.url, required: false },
    },
  })
  directory.write('app.log', lines(0, 100))
  {
    await using agent = startAgent(config)
    await agent.ready()
    const { stdout, stderr, code } = await new AffiantProcess([
      'drain',
      '-c',
      config,
      '--timeout',
      '1s',
    ]).result()
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^not drained\n/)
    expect(stdout).toMatch(/^ {2}hook: 10\d events unsettled, seq 0\.\.10\d: .*503/m)
    expect(stdout).toMatch(/^ {2}out: 10\d events settled meanwhile, none is left|^ {2}out: 0 events/m)
    expect(stdout).toMatch(/^ {2}spare \(not required\): 10\d events unsettled/m)
    expect(stdout).toContain(`stays in the journal in ${directory.at('data')}`)
    // Ended by Ctrl-C: the agent goes on.
    await using patient = new AffiantProcess(['drain', '-c', config])
    await until(
      'it waits',
      () => patient.stderr.includes('waits for sinks'),
      () => patient.stderr,
    )
    patient.signal('SIGINT')
    expect(await patient.ended).toEqual({ code: 1, signal: null })
    expect(patient.stderr).toContain('the agent goes on')
    expect(agent.running).toBe(true)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  hook.answer = 204
  await using agent = startAgent(config)
  await agent.ready()
  expect(await new AffiantProcess(['drain', '-c', config]).result()).toMatchObject({ code: 0 })
  expect(users(hook.events).toSorted()).toEqual(named(0, 100).toSorted())
})

test('a fallback gets exactly what the sink has not, once, however often and by whom it is asked for', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const last = directory.at('last/events.ndjson')
  const config = configure(directory, {
    agent: { drain: '500ms', fallback: { sink: 'last', timeout: '30s' } },
    sinks: {
      hook: { type: 'http', url: hook.url, retry: { max: '100ms' } },
      last: { type: 'file', path: last },
    },
    routes: [{ to: ['hook'] }],
  })
  directory.write('app.log', lines(0, 100))
  await using agent = startAgent(config)
  await agent.ready()
  await until('the first lines', () => hook.events.length === 100)
  hook.answer = 503
  appendFileSync(directory.at('app.log'), lines(100, 300))
  const drain = () => new AffiantProcess(['drain', '-c', config, '--timeout', '1s']).result()
  const both = await Promise.all([drain(), drain()])
  for (const { stdout, code } of both) {
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}hook: 20\d events unsettled, seq \d+\.\.\d+: .*503/m)
    expect(stdout).toMatch(/handed over to last/)
  }
  expect(users(inFile(last))).toEqual(named(100, 300))
  // And at the end of the run: only what has come since, with the agent's own last words.
  appendFileSync(directory.at('app.log'), lines(300, 310))
  await until(
    'they are committed',
    async () => ((await agent.metric('affiant_sink_unsettled_events', '{sink="hook"}')) ?? 0) >= 210,
  )
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  const kept = inFile(last)
  expect(users(kept)).toEqual(named(100, 310))
  const seqs = kept.map(({ log }) => log.seq)
  expect(new Set(seqs).size).toBe(seqs.length)
  expect(kept.at(-1)?.action).toBe('affiant.agent.stopped')
  const noted = kept.filter(({ action }) => action === 'affiant.sink.handed_over')
  expect(noted[0]?.metadata).toMatchObject({
    fallback: 'last',
    outcome: 'done',
    ranges: [{ last_seq: expect.any(Number) }],
  })
  expect(Number(noted[0]?.metadata?.count)).toBeGreaterThanOrEqual(200)

  // Nothing was stepped over.
  hook.answer = 204
  await using next = startAgent(config)
  await next.ready()
  expect(await drain()).toMatchObject({ code: 0 })
  expect(users(hook.events)).toHaveLength(310)
})

test('no agent: 69; one that does not know the question: 69, with its version', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory)
  const ask = () => new AffiantProcess(['drain', '-c', config]).result()
  expect(await ask()).toMatchObject({ code: 69, stderr: expect.stringContaining('no agent runs on') })
  directory.write('data/agent.json', JSON.stringify({ pid: process.pid, started: '', version: '0.0.9' }))
  expect(await ask()).toMatchObject({ code: 69, stderr: expect.stringContaining('has no control socket') })
  const old = createServer((_, response) => {
    response
      .writeHead(404)
      .end(
        `${JSON.stringify({ kind: 'error', code: 'not_found', message: 'there are others', hint: null })}\n`,
      )
  })
  old.listen(directory.at('data/control.sock'))
  try {
    await until('it listens', () => old.listening)
    expect(await ask()).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('version 0.0.9) is older'),
    })
  } finally {
    old.closeAllConnections()
    old.close()
  }
  expect(await new AffiantProcess(['drain', '-c', config, '--timeout', 'soon']).result()).toMatchObject({
    code: 64,
  })
})

test('a journal that is full, and a sink that is held: what there is goes to the fallback, and it says what is not read', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  hook.answer = 401
  const last = directory.at('last/events.ndjson')
  const config = configure(directory, {
    agent: { drain: '0s', fallback: { sink: 'last' } },
    journal: { max_size: '8MiB', segment_size: '1MiB' },
    sinks: { hook: { type: 'http', url: hook.url }, last: { type: 'file', path: last } },
    routes: [{ to: ['hook'] }],
  })
  directory.write('app.log', lines(0, 60_000))
  await using agent = startAgent(config)
  await agent.ready()
  await until('it is full', async () => (await agent.readiness()).body.includes('journal'))
  const { stdout, code } = await new AffiantProcess(['drain', '-c', config, '--timeout', '1s']).result()
  expect({ code, full: (await agent.readiness()).body.includes('journal') }).toEqual({ code: 1, full: true })
  expect(stdout).toMatch(/files are not read to their end.*\n {4}\S+app.log: [\d,]+ bytes are not committed/)
  expect(stdout).toMatch(/^ {2}hook: [\d,]+ events unsettled, seq 0\.\.\d+: .*401/m)
  const kept = users(inFile(last))
  expect(kept).toEqual(named(0, kept.length))
  expect(kept.length).toBeGreaterThan(100)
})

test('kill -9 in the middle of handing over loses nothing', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  await using last = await HttpDestination.open()
  hook.answer = 503
  // It takes some, and then does not answer.
  last.inspect = () => {
    last.answer = last.requests.length > 5 ? 'silence' : 204
  }
  const config = configure(directory, {
    agent: { drain: '0s', fallback: { sink: 'last', timeout: '60s' } },
    sinks: {
      hook: { type: 'http', url: hook.url, retry: { max: '100ms' } },
      last: { type: 'http', url: last.url, batch: { max_events: 20 }, concurrency: 2 },
    },
    routes: [{ to: ['hook'] }],
  })
  directory.write('app.log', lines(0, 1_000))
  {
    await using agent = startAgent(config)
    await agent.ready()
    const drain = new AffiantProcess(['drain', '-c', config, '--timeout', '1s'])
    await until('it hands over', () => last.silent > 0 && last.events.length >= 40)
    agent.signal('SIGKILL')
    expect(await drain.result()).toMatchObject({ code: 69, stdout: '' })
  }
  expect(users(last.events).length).toBeLessThan(1_000)
  hook.answer = 204
  await using agent = startAgent(config)
  await agent.ready()
  expect(await new AffiantProcess(['drain', '-c', config]).result()).toMatchObject({ code: 0 })
  expect(users(hook.events)).toHaveLength(1_000)
})
