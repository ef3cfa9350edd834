// What is in the files when the agent is told to stop is delivered before it has stopped, noticed or not.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAgent } from '../../src/agent/agent.ts'
import { loadAgentConfig } from '../../src/agent/load.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { scratchDirectory } from '../scratch-directory.ts'

const directory = scratchDirectory('last-lines')
const at = (name: string) => join(directory, name)
const line = (user: string) => `${JSON.stringify({ user, event: 'invoice.read' })}\n`

test('lines, and a file, of the moment before', async () => {
  writeFileSync(at('app.log'), line('first'))
  writeFileSync(
    at('affiant.yaml'),
    JSON.stringify({
      agent: { id: 'a1', data_dir: at('data') },
      // Nobody looks by himself before the test is over.
      receivers: { app: { type: 'file', include: [at('*.log')], watch: 'poll', poll: '1m' } },
      sinks: { out: { type: 'file', path: at('out.ndjson') } },
      telemetry: { listen: '127.0.0.1:0' },
    }),
  )
  const agent = await startAgent({ loaded: await loadAgentConfig([at('affiant.yaml')]), log: silentLog })
  await agent.caughtUp(AbortSignal.timeout(20_000))
  appendFileSync(at('app.log'), `${line('last')}{"user":"unfinished"`)
  writeFileSync(at('new.log'), line('new'))
  await agent.stop({ reason: 'signal', detail: 'SIGTERM' })
  const users = readFileSync(at('out.ndjson'), 'utf8').matchAll(/"actor":\{"id":"([a-z]+)"/g)
  expect([...users].map(([, user = '']) => user).toSorted()).toEqual(['first', 'last', 'new'])
})
