// The agent audits itself: what its journal says of its own life, as its destination gets it.
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { AffiantProcess, configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn, invalid } from './events.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const line = (n: number) => `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n })}\n`

function allIn(path: string): OutputEvent[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
}

test('start, kill, recovery, a changed configuration, a forgotten sink, the end', async () => {
  using directory = new WorkDirectory()
  const out = directory.at('out.ndjson')
  const main = { type: 'file', path: out }
  const other = { type: 'file', path: directory.at('other.ndjson') }
  const config = configure(directory, { sinks: { main, other } })
  directory.write('app.log', line(0))
  {
    await using agent = startAgent(config)
    await agent.ready()
    await until('the line', () => eventsIn(out).length === 1)
    const forget = new AffiantProcess(['sink', 'forget', 'other', '-c', config])
    expect(await forget.result()).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('is configured'),
    })
    agent.signal('SIGKILL')
    await agent.ended
  }
  configure(directory, { sinks: { main } })
  const forget = async (name: string) => new AffiantProcess(['sink', 'forget', name, '-c', config]).result()
  expect(await forget('nobody')).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/keeps nothing for a sink nobody\n {2}there are: main, other/),
  })
  const forgotten = await forget('other')
  expect(forgotten, forgotten.stderr).toMatchObject({ code: 0, stderr: '' })
  expect(forgotten.stdout).toMatch(/^sink other is forgotten; it had settled everything below seq \d+\./)
  {
    await using agent = startAgent(config)
    await agent.ready()
    expect(await forget('gone')).toMatchObject({
      code: 66,
      stderr: expect.stringMatching(/keeps nothing for a sink gone\n {2}there are: main/),
    })
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }

  const events = allIn(out)
  for (const event of events) expect(invalid(event)).toBeUndefined()
  // What was settled within the last second before the kill is sent again, under the same ids.
  const once = new Map(events.map((event) => [event.id, event]))
  const own = [...once.values()].filter(({ provenance }) => provenance.receiver === 'affiant')
  expect(own.map(({ action }) => action)).toEqual([
    'affiant.agent.started',
    'affiant.stream.opened',
    'affiant.agent.started',
    'affiant.agent.recovered',
    'affiant.config.changed',
    'affiant.sink.forgotten',
    'affiant.agent.stopped',
  ])
  const [first, , second, , changed, lost, stopped] = own
  expect(first?.log.seq).toBe(0)
  expect(first?.metadata).toMatchObject({ journal: 'new', journal_events: 0 })
  expect(second?.metadata).toMatchObject({ journal: 'recovered', journal_events: 3 })
  expect(changed?.metadata).toEqual({
    from_sha256: first?.metadata?.config_sha256,
    to_sha256: second?.metadata?.config_sha256,
    while: 'stopped',
  })
  expect(lost?.targets).toEqual([{ id: 'other', type: 'sink' }])
  expect(stopped?.metadata).toEqual({ reason: 'signal', detail: 'SIGTERM', drained: true })
  expect(events.at(-1)).toBe(stopped)

  // Said once: a run in good order has nothing to add.
  {
    await using agent = startAgent(config, ['--once'])
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  const added = allIn(out).slice(events.length)
  expect(added.map(({ action, metadata }) => [action, metadata?.journal ?? metadata?.reason])).toEqual([
    ['affiant.agent.started', 'closed'],
    ['affiant.agent.stopped', 'once'],
  ])
})
