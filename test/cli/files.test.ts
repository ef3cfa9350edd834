import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { filesCommand } from '../../src/cli/files.ts'
import { renderFiles } from '../../src/cli/files-render.ts'

/** A configuration whose data directory says that this very process is its agent, which listens at `telemetry`. */
function agentAt(telemetry: string | undefined): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'affiant-files-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  mkdirSync(join(directory, 'data'))
  writeFileSync(
    join(directory, 'data/agent.json'),
    JSON.stringify({ pid: process.pid, started: '', version: '', telemetry }),
  )
  const config = join(directory, 'affiant.yaml')
  writeFileSync(config, `agent: { id: test, data_dir: ${join(directory, 'data')} }\n`)
  return [config]
}

async function answering(body: string, status = 200): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const ask = (config: string[]) => filesCommand({ config, json: false, sinks: false })

test('an agent that cannot be asked, or answers something else, is said so with what to do', async () => {
  await expect(ask(agentAt(undefined))).rejects.toMatchObject({
    code: 'agent_not_answering',
    message: expect.stringContaining('is starting'),
  })
  const gone = await answering('')
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  for (const [address, why] of [
    [`127.0.0.1:${port}`, 'ECONNREFUSED'],
    [gone, 'JSON'],
    [await answering('{"hello":"world"}'), 'no list of files'],
    [await answering('{}', 404), 'HTTP 404'],
  ] as const) {
    await expect(ask(agentAt(address))).rejects.toMatchObject({
      code: 'agent_not_answering',
      message: expect.stringMatching(new RegExp(`does not answer at http://${address}/files: .*${why}`)),
      hint: expect.stringContaining('agent.json'),
    })
  }
})

test('a table has its numbers to the right, and says what nobody knows', () => {
  const file = { receiver: 'app', state: 'followed', sinks: { b: { settled: 5 }, a: { settled: null } } }
  const files = [
    {
      ...file,
      path: '/var/log/a.log',
      size: 1_234_567,
      read: 1_000,
      committed: 999,
      settled: null,
      lag: null,
    },
    { ...file, path: '/b', size: null, read: 0, committed: 0, settled: 0, lag: 0, sinks: {} },
  ]
  expect(renderFiles(files, true)).toBe(
    [
      'receiver  file                 size   read  committed  settled  a  b  lag  state',
      'app       /var/log/a.log  1,234,567  1,000        999        ?  ?  5    ?  followed',
      'app       /b                      ?      0          0        0  ?  ?    0  followed',
      '',
    ].join('\n'),
  )
  expect(renderFiles(files, false).split('\n')[0]).toBe(
    'receiver  file                 size   read  committed  settled  lag  state',
  )
  expect(renderFiles([], false)).toBe('no file is known yet\n')
})
