// kill -9 while the file sink appends: the cursor is up to a second behind, and still each event is in the file once.
import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

test('killed in the middle, three times', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {})
  const delivered = () => eventsIn(directory.at('out.ndjson'))
  let lines = 0
  const append = (count: number) => {
    const added = Array.from({ length: count }, () => `{"user":"u_1","event":"line.${lines++}"}\n`)
    appendFileSync(directory.at('a.log'), added.join(''))
  }
  for (let kill = 0; kill < 3; kill += 1) {
    await using agent = startAgent(config)
    const before = delivered().length
    append(500)
    await until('some', () => delivered().length >= before + 300)
    append(500)
    agent.signal('SIGKILL')
    await agent.ended
  }
  await using agent = startAgent(config)
  await agent.ready()
  const actions = () => delivered().flatMap(({ action }) => (action.startsWith('line.') ? [action] : []))
  await until('all', () => new Set(actions()).size === lines)
  expect(actions()).toHaveLength(lines)
  const ids = delivered().map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
