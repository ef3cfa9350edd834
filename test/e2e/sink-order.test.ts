// Sinks open at the same time, some later than others; the banner and `affiant status` have them as the configuration has.
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from './agent-process.ts'

test('sinks are named in the order of the configuration', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    sinks: {
      out: { type: 'file', path: directory.at('out.ndjson') },
      // It has nothing to open.
      terminal: { type: 'stdout', format: 'pretty' },
    },
  })
  await using agent = startAgent(config)
  expect(await agent.ready()).toMatch(/^ {2}delivers +\S*out\.ndjson, terminal$/m)
  const status = await (await fetch(`http://${agent.telemetry}/status`)).json()
  expect(status).toMatchObject({ sinks: [{ name: 'out' }, { name: 'terminal' }] })
})
