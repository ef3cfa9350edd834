import { rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

async function health(config: string, ...args: string[]) {
  await using command = new AffiantProcess(['health', '-c', config, ...args])
  return await command.result()
}

test('0 when ready, 1 with the reasons when not, 69 without an agent', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const config = configure(directory, { sinks: { hook: { type: 'http', url: hook.url } } })
  expect(await health(config)).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('no agent runs on'),
  })
  await using agent = startAgent(config)
  await agent.ready()
  await until('ready', async () => (await agent.readiness()).status === 200)
  expect(await health(config)).toMatchObject({ code: 0, stdout: 'ready\n', stderr: '' })
  // A destination that wants other credentials holds its sink.
  hook.answer = 401
  writeFileSync(directory.at('a.log'), '{"user":"u_1","event":"invoice.read"}\n')
  await until('held', async () => (await agent.readiness()).status === 503)
  const held = await health(config)
  expect(held).toMatchObject({ code: 1, stderr: '' })
  expect(held.stdout).toMatch(/^not ready\n {2}\S*hook\S*: .*401/)
  const json = await health(config, '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({
    ready: false,
    reasons: [{ component: 'sinks.hook' }],
    components: [
      { component: 'agent', ready: true, state: 'running' },
      { component: 'journal', ready: true, state: 'ok' },
      { component: 'receivers.app', ready: true, state: 'ok' },
      { component: 'sinks.hook', ready: false, state: 'held', message: expect.stringContaining('401') },
    ],
  })
  expect(await health(config, '--live')).toMatchObject({ code: 0, stdout: 'live\n' })
  // Killed, it leaves the file that names it.
  agent.signal('SIGKILL')
  await agent.ended
  expect(await health(config, '--live')).toMatchObject({ code: 69 })
  // In a container every agent is process 1: the one before it left a file that names a living process.
  writeFileSync(
    directory.at('data/agent.json'),
    JSON.stringify({ pid: process.pid, telemetry: '127.0.0.1:1' }),
  )
  expect(await health(config, '--live')).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('does not answer'),
  })
  rmSync(directory.at('data/agent.json'))
  expect(await health(config, '--live')).toMatchObject({ code: 69 })
})
