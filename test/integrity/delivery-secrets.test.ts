/** A destination that repeats whatever it was sent: no secret gets into logs, statuses, metrics, dead letters or any file. */

import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AffiantProcess, AgentProcess, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'

/** Gives tokens; refuses events that are `bad`, and everything once it is told to; says what it was sent. */
async function openEcho() {
  const echo = { host: '', refuseAll: false }
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    if (request.url === '/token') {
      response.writeHead(200).end(JSON.stringify({ access_token: 'hush-token', expires_in: 3600 }))
      return
    }
    const refused = echo.refuseAll ? 403 : body.includes('"bad"') ? 400 : 200
    const { 'user-agent': _, host: _host, connection: _connection, ...headers } = request.headers
    response
      .writeHead(refused)
      .end(JSON.stringify([request.url, Object.values(headers).toReversed(), headers]))
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  echo.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return echo
}

const soon = 'retry: { initial: 10ms, max: 100ms }'

const sinks = ({ host }: { host: string }, file: string): string => `
  bearer: { type: http, ${soon}, url: "http://${host}/?key=hush-query", auth: { bearer: { file: ${file} } }, headers: { X-Fixed: hush-header } }
  basic: { type: http, ${soon}, url: "http://${host}/", auth: { basic: { user: me, password: 'hush"basic/ä' } } }
  command: { type: http, ${soon}, url: "http://${host}/", headers: { X-Key: { command: [echo, hush-command] } } }
  oauth: { type: http, ${soon}, url: "http://${host}/", auth: { oauth2: { token_url: "http://${host}/token", client_id: me, client_secret: hush-client } } }
  aws: { type: http, ${soon}, url: "http://${host}/", auth: { sigv4: { region: r, service: s, access_key: hush-id, secret_key: hush-aws, session_token: hush-session } } }
  hec: { type: splunk_hec, ${soon}, url: "http://${host}", token: hush-hec }
  otlp: { type: otlp, ${soon}, url: "http://${host}", headers: { api-key: "\${AUDIT_KEY}" } }
  proxied: { type: http, ${soon}, url: "http://${host}/", proxy: "http://user:hush-proxy@127.0.0.1:9" }`

/** As they are, and in base64 with a user before them or without. */
const secret = /hush|aHVza|h1c2|odXNo/

test('no secret is ever shown or kept', { timeout: 60_000 }, async () => {
  using work = new WorkDirectory()
  const echo = await openEcho()
  const input = work.write('app.jsonl', '')
  const config = work.write(
    'affiant.yaml',
    `agent: { id: secrets, data_dir: ${work.at('data')}, drain: 1s }
receivers: { app: { type: file, include: [${input}], preset: json } }
sinks:${sinks(echo, work.write('token', 'hush-file\n'))}
telemetry: { listen: 127.0.0.1:0 }
`,
  )
  const env = { AUDIT_KEY: 'hush-environment' }
  const seen = new Map<string, string>()
  await using validated = new AffiantProcess(['validate', '-c', config], { env })
  const { code, stdout, stderr } = await validated.result()
  expect(code, stderr).toBe(0)
  seen.set('validate', stdout + stderr)

  await using agent = new AgentProcess(['run', '-c', config], { env })
  await agent.ready()
  const get = async (path: string) => (await fetch(`http://${agent.telemetry}${path}`)).text()
  const sinksNow = async () =>
    (
      JSON.parse(await get('/status')) as {
        sinks: { name: string; dead_letters: number; last_error: string }[]
      }
    ).sinks
  const write = (...actions: string[]) =>
    appendFileSync(input, actions.map((action) => `${JSON.stringify({ user: 'u', action })}\n`).join(''))
  write('good', 'bad', 'good')
  await until(
    'a dead letter of the http sinks',
    async () => (await sinksNow()).filter(({ dead_letters: letters }) => letters > 0).length >= 5,
    sinksNow,
  )
  seen.set('status at first', await get('/status'))
  echo.refuseAll = true
  write('good', 'good')
  await until(
    'that they are held',
    async () => (await sinksNow()).filter(({ last_error: error }) => error?.includes('403')).length >= 6,
    sinksNow,
  )
  for (const path of ['/status', '/metrics', '/readyz', '/files']) seen.set(path, await get(path))
  agent.signal('SIGTERM')
  await agent.ended
  seen.set('its output', agent.stdout + agent.stderr)
  for (const entry of readdirSync(work.at('data'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    seen.set(path, readFileSync(path, 'latin1'))
  }
  await using exported = new AffiantProcess(['journal', 'export', '-c', config], { env })
  seen.set('export', (await exported.result()).stdout)

  // What it says is quoted, so that there is something to conceal.
  expect(seen.get('/status')).toContain('***')
  expect([...seen.keys()].filter((path) => path.includes('dlq'))).not.toEqual([])
  for (const [what, text] of seen) {
    expect(
      text.match(secret)?.[0],
      `${what}: ${text.slice(Math.max(0, text.search(secret) - 80)).slice(0, 160)}`,
    ).toBe(undefined)
  }
})
