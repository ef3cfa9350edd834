// A fallback that fails itself, and a stop in the middle of handing over: what is claimed is there, and nothing is lost.
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine.
vi.setConfig({ testTimeout: 120_000 })

const all = 1_000
const lines = Array.from({ length: all }, (_, n) => `{"user":"u_${n}","event":"invoice.read"}\n`).join('')

const usersAt = (destination: HttpDestination) =>
  destination.delivered.flatMap(({ event: { actor } }) => (actor?.id?.startsWith('u_') ? [actor.id] : []))
const notesAt = (destination: HttpDestination, action: string) =>
  destination.delivered.filter(({ event }) => event.action === action).map(({ event }) => event)

async function scene(
  directory: WorkDirectory,
  hook: HttpDestination,
  last: HttpDestination,
  agent: object = {},
) {
  hook.answer = 503
  directory.write('app.log', lines)
  const config = configure(directory, {
    agent: { drain: '0s', fallback: { sink: 'last', timeout: '2s' }, ...agent },
    sinks: {
      hook: { type: 'http', url: hook.url, retry: { max: '100ms' } },
      // One after the other, so that what it has is a beginning.
      last: {
        type: 'http',
        url: last.url,
        batch: { max_events: 50 },
        concurrency: 1,
        retry: { max: '100ms' },
      },
    },
    routes: [{ to: ['hook'] }],
  })
  const running = startAgent(config)
  await running.ready()
  await until(
    'all is committed',
    async () => ((await running.metric('affiant_sink_unsettled_events', '{sink="hook"}')) ?? 0) >= all,
  )
  return { config, running, drain: () => new AffiantProcess(['drain', '-c', config, '--timeout', '1s']) }
}

test('it does not answer any more: what it has is said, and the next to ask goes on from there', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  await using last = await HttpDestination.open()
  last.inspect = () => {
    last.answer = last.requests.length > 4 ? 503 : 204
  }
  const { config, running, drain } = await scene(directory, hook, last)
  await using agent = running
  const first = await drain().result()
  expect(first).toMatchObject({ code: 1 })
  expect(first.stdout).toMatch(/ {2}200 events handed over to last; not all of it: .*503/)
  expect(usersAt(last).length).toBeGreaterThan(190)
  expect(usersAt(last).length).toBeLessThanOrEqual(200)

  last.inspect = () => {
    last.answer = 204
  }
  expect(await drain().result()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('handed over to last\n'),
  })
  expect(usersAt(last)).toHaveLength(all)
  expect(new Set(usersAt(last)).size).toBe(all)
  const third = await drain().result()
  expect(third.stdout).toMatch(/hook: 10\d\d events unsettled|hook: 1,0\d\d events unsettled/)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(usersAt(last)).toHaveLength(all)
  // Both are on record, with what there was to hand over and where it came to.
  const [ended, done] = notesAt(last, 'affiant.sink.handed_over')
  expect(ended).toMatchObject({
    outcome: { result: 'failure' },
    metadata: { fallback: 'last', outcome: 'ended', settled: 200 },
  })
  expect(done).toMatchObject({
    outcome: { result: 'success' },
    metadata: { fallback: 'last', outcome: 'done' },
  })
  expect(Number(ended?.metadata?.count)).toBeGreaterThan(Number(done?.metadata?.count))

  hook.answer = 204
  await using next = startAgent(config)
  await next.ready()
  expect(await drain().result()).toMatchObject({ code: 0 })
  expect(usersAt(hook)).toHaveLength(all)
})

test('it refuses an event: that is its dead letter, and said', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  await using last = await HttpDestination.open()
  last.inspect = (events) => {
    last.answer = events.some(({ event }) => event.actor?.id === 'u_77') ? 400 : 204
  }
  const { running, drain } = await scene(directory, hook, last, {
    fallback: { sink: 'last', timeout: '30s' },
  })
  await using _agent = running
  const { stdout, code } = await drain().result()
  expect(code).toBe(1)
  expect(stdout).toMatch(/handed over to last; 1 it refused: affiant dlq show last\n/)
  expect(usersAt(last).toSorted()).toEqual(
    Array.from({ length: all }, (_, n) => `u_${n}`)
      .filter((user) => user !== 'u_77')
      .toSorted(),
  )
  const letters = new AffiantProcess(['dlq', 'show', 'last', '--events', '-c', directory.at('affiant.yaml')])
  expect(await letters.result()).toMatchObject({ code: 0, stdout: expect.stringContaining('"u_77"') })
})

test('SIGTERM in the middle of it: the command hears how far it came, and the end of the run hands over the rest, once', async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  await using last = await HttpDestination.open()
  last.inspect = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { running, drain } = await scene(directory, hook, last, {
    fallback: { sink: 'last', timeout: '30s' },
  })
  await using agent = running
  await using asked = drain()
  await until('it hands over', () => usersAt(last).length >= 200)
  agent.signal('SIGTERM')
  const { stdout, code } = await asked.result()
  expect(code).toBe(1)
  expect(stdout).toMatch(/^ended before it was drained/)
  expect(stdout).toMatch(/[\d,]+ events handed over to last; not all of it/)
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(usersAt(last)).toHaveLength(all)
  expect(new Set(usersAt(last)).size).toBe(all)
  expect(notesAt(last, 'affiant.sink.handed_over')).toHaveLength(2)
  expect(notesAt(last, 'affiant.agent.drained')).toMatchObject([{ metadata: { outcome: 'ended' } }])
})
