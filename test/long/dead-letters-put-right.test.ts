// A wrong index by route stops no other events; once it is put right, at Splunk or in the configuration, `affiant dlq replay`
// brings what was refused, byte for byte, to where it belongs.
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { HecServer } from '../sinks/splunk_hec/hec-server.ts'

vi.setConfig({ testTimeout: 120_000 })

const lines = (team: string, from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, n) => `{"user":"${team}","event":"invoice.read","n":${from + n}}\n`,
  ).join('')

function configured(
  directory: WorkDirectory,
  hec: HecServer,
  routes: readonly object[],
  allowed = ['team_*'],
) {
  return configure(directory, {
    sinks: {
      siem: {
        type: 'splunk_hec',
        url: hec.url,
        token: 'secret-token',
        index: 'main',
        overrides: { index: allowed },
        retry: { initial: '10ms', max: '100ms' },
      },
    },
    routes,
  })
}

/** Events of this team that Splunk has, and the indexes that they are in. */
function arrived(hec: HecServer, team: string) {
  const found = hec.indexed.filter(({ line }) => line.includes(`"id":"${team}"`))
  return { lines: found.map(({ line }) => line), indexes: [...new Set(found.map(({ meta }) => meta.index))] }
}

const type = (...args: string[]) => new AffiantProcess(args).result()
const override = (index: string) => ({ siem: { index } })

test('the index is made at Splunk: the letters go under the partition they had', async () => {
  using directory = new WorkDirectory()
  await using hec = await HecServer.open()
  const config = configured(directory, hec, [
    { name: 'c', when: 'actor.id == "c"', to: ['siem'], override: override('team_c') },
    { name: 'rest', to: ['siem'] },
  ])
  directory.write('app.log', lines('a', 0, 50) + lines('c', 0, 20) + lines('a', 50, 90))
  await using agent = startAgent(config)
  await agent.ready()
  await until('the others', () => arrived(hec, 'a').lines.length === 90)
  await until('dead letters', async () => / 20 /.test((await type('dlq', 'list', '-c', config)).stdout))
  const still = await type('dlq', 'replay', 'siem', '-c', config)
  expect(still, still.stderr).toMatchObject({ code: 1, stdout: expect.stringContaining('20 stay') })
  expect((await type('dlq', 'list', '-c', config)).stdout).toMatch(/siem +20 .*index/i)

  const shown = (await type('dlq', 'show', 'siem', '--events', '-c', config)).stdout
  hec.indexes.add('team_c')
  const replayed = await type('dlq', 'replay', 'siem', '-c', config)
  expect(replayed, replayed.stderr).toMatchObject({
    code: 0,
    stdout: '20 of 20 dead letters went to sink siem\n',
  })
  const { lines: sent, indexes } = arrived(hec, 'c')
  expect(indexes).toEqual(['team_c'])
  expect(sent.map((line) => `${line}\n`).join('')).toBe(shown)
  expect((await type('dlq', 'list', '-c', config)).stdout).toBe('no dead letters\n')
})

test('the route is corrected: the letters go under the partition that it gives now, without an agent too', async () => {
  using directory = new WorkDirectory()
  await using hec = await HecServer.open()
  const routes = (index: string) => [
    { name: 'b', when: 'actor.id == "b"', to: ['siem'], override: override(index) },
    { name: 'rest', to: ['siem'] },
  ]
  const config = configured(directory, hec, routes('team_bb'))
  directory.write('app.log', lines('a', 0, 30) + lines('b', 0, 10))
  {
    await using agent = startAgent(config)
    await agent.ready()
    await until('the others', () => arrived(hec, 'a').lines.length === 30)
    await until('dead letters', async () => / 10 /.test((await type('dlq', 'list', '-c', config)).stdout))
    agent.signal('SIGTERM')
    await agent.ended
  }
  configured(directory, hec, routes('team_b'))
  const replayed = await type('dlq', 'replay', 'siem', '-c', config)
  expect(replayed, replayed.stderr).toMatchObject({
    code: 0,
    stdout: '10 of 10 dead letters went to sink siem\n',
  })
  expect(arrived(hec, 'b')).toMatchObject({ indexes: ['team_b'], lines: { length: 10 } })
})

test('a value that was not allowed is allowed now: what was never sent is sent', async () => {
  using directory = new WorkDirectory()
  await using hec = await HecServer.open()
  const routes = [
    { name: 'both', when: 'actor.id == "b"', to: ['siem'], continue: true },
    { name: 'b', when: 'actor.id == "b"', to: ['siem'], override: override('team_b') },
    { name: 'rest', when: 'actor.id != "b"', to: ['siem'] },
    { name: 'none', drop: 'nothing else comes' },
  ]
  const config = configured(directory, hec, routes, ['main'])
  directory.write('app.log', lines('a', 0, 30) + lines('b', 0, 10))
  {
    await using agent = startAgent(config)
    await agent.ready()
    await until('dead letters', async () => / 10 /.test((await type('dlq', 'list', '-c', config)).stdout))
    await until('the rest', () => arrived(hec, 'b').lines.length === 10)
    expect(arrived(hec, 'b').indexes).toEqual(['main'])
    agent.signal('SIGTERM')
    await agent.ended
  }
  configured(directory, hec, routes, ['team_*'])
  const replayed = await type('dlq', 'replay', 'siem', '-c', config)
  expect(replayed, replayed.stderr).toMatchObject({ code: 0 })
  // Which of its two routes was not allowed is not known any more: it goes by both.
  expect(new Set(arrived(hec, 'b').indexes)).toEqual(new Set(['main', 'team_b']))
})
