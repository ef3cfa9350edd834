// `affiant sink forget`, of an agent that runs and without one.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'
import { freePort } from '../free-port.ts'

const lines = 4_000

test('a journal that is full for a sink that is gone goes on once that is forgotten, without a restart', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  const line = (n: number) => `${JSON.stringify({ user: 'u', event: 'written', n })}\n`
  directory.write('x.log', Array.from({ length: lines }, (_, n) => line(n)).join(''))
  const out = { type: 'file', path: directory.at('out.ndjson') }
  const dead = { type: 'http', url: `http://127.0.0.1:${await freePort()}` }
  const journal = { max_size: '1MiB', segment_size: '64KiB', keep: '0s' }
  const config = configure(directory, { journal, sinks: { out, dead } })
  await using agent = startAgent(config)
  await agent.ready()
  const affiant = async (...args: string[]) => {
    await using command = new AffiantProcess([...args, '-c', config])
    return await command.result()
  }
  const isFull = async () => (await agent.metric('affiant_journal_pressure', '{reason="full"}')) === 1
  await until('the journal is full', isFull)

  configure(directory, { journal, sinks: { out } })
  const early = await affiant('sink', 'forget', 'dead')
  expect([early.code, early.stderr]).toEqual([64, expect.stringContaining('has a sink dead')])
  expect((await affiant('reload')).stdout).toContain('removed: sinks.dead')
  expect(await isFull()).toBe(true)
  const unknown = await affiant('sink', 'forget', 'nobody')
  expect([unknown.code, unknown.stderr]).toEqual([66, expect.stringContaining('keeps nothing')])
  const forgotten = await affiant('sink', 'forget', 'dead')
  expect([forgotten.code, forgotten.stdout]).toEqual([
    0,
    expect.stringContaining('below seq 0. It is on record'),
  ])

  const has = () => eventsIn(directory.at('out.ndjson')).flatMap(({ unmapped }) => unmapped?.n ?? [])
  await until(
    'all lines arrived',
    () => has().length === lines,
    () => [has().length, agent.stderr.slice(-1_000)],
  )
  // It comes back as a new one.
  configure(directory, { journal, sinks: { out, dead } })
  expect((await affiant('reload')).stdout).toContain('added: sinks.dead')
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  const written = readFileSync(directory.at('out.ndjson'), 'utf8').split('\n')
  const told = written
    .filter((each) => each.includes('affiant.sink.forgotten'))
    .map((each) => JSON.parse(each))
  expect(told).toMatchObject([{ metadata: { settled: 0, requested_by: { said_by: 'the command' } } }])

  configure(directory, { journal, sinks: { out } })
  expect((await affiant('sink', 'forget', 'dead')).stdout).toContain('The next start puts this on record')
  expect(existsSync(directory.at('data', 'cursors', 'dead.json'))).toBe(false)
})
