// `affiant reload` and SIGHUP, on a running agent.
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { AffiantProcess, configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn } from './events.ts'
import { until } from './until.ts'

/** One POST on a connection that stays open; the status. */
async function post(connection: Socket, n: number): Promise<string> {
  const body = JSON.stringify({ user: 'u', event: 'posted', n })
  connection.write(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const [answer]: Buffer[] = await once(connection, 'data')
  return String(answer).split('\r\n')[0]!
}

test('what has changed takes effect; what is refused is said at its line, and leaves all as it was', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  onTestFinished(() => void occupied.close())
  const address = occupied.address()
  const port = await freePort()
  const web = { type: 'http', listen: `127.0.0.1:${port}` }
  const app = { type: 'file', include: [directory.at('*.log')], poll: '50ms' }
  const out = { type: 'file', path: directory.at('out.ndjson') }
  const config = configure(directory, { receivers: { app, web } })
  await using agent = startAgent(config)
  await agent.ready()
  const connection = createConnection(port, '127.0.0.1')
  onTestFinished(() => void connection.destroy())
  expect(await post(connection, 1)).toContain('200')
  const reload = async (...args: string[]) => {
    await using asking = new AffiantProcess(['reload', '-c', config, ...args])
    return await asking.result()
  }

  // A sink more, and a receiver's records read otherwise: no connection ends for that.
  const more = { type: 'file', path: directory.at('more.ndjson') }
  const redacted = { ...web, redact: [{ path: 'actor.name' }] }
  configure(directory, { receivers: { app, web: redacted }, sinks: { out, more } })
  const changed = await reload()
  expect(changed.stdout).toMatch(
    /^the configuration has changed \([0-9a-f]{12}\)\n {2}added: sinks\.more\n {2}changed: receivers\.web, routes\n$/,
  )
  expect(changed.code).toBe(0)
  expect(await post(connection, 2)).toContain('200')

  configure(directory, { receivers: { app, web: { ...web, lisen: 1 } }, sinks: { out, more } })
  const invalid = await reload()
  expect(invalid.stderr).toContain('receivers.web.lisen: unknown key')
  expect(invalid.stderr).toContain('runs on: the configuration has one error')
  expect(invalid.code).toBe(78)

  const keys = ['0'.repeat(64)]
  configure(directory, { receivers: { app, web }, sinks: { out, more }, journal: { encryption: { keys } } })
  const fixed = await reload('--json')
  expect(JSON.parse(fixed.stdout)).toMatchObject({
    outcome: 'refused',
    code: 'restart_needed',
    reason: 'what is read at a start only has changed: journal.encryption',
  })
  expect(fixed.code).toBe(78)

  // Valid, and its address is somebody else's: the sink that is gone in it is put back.
  const stolen = { type: 'http', listen: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }
  configure(directory, { receivers: { app, web: redacted, stolen }, sinks: { out } })
  const failed = await reload()
  expect(failed.stderr).toContain('another process listens on')
  expect(failed.code).toBe(69)
  expect(await post(connection, 3)).toContain('200')

  configure(directory, { receivers: { app, web: redacted }, sinks: { out, more } })
  agent.signal('SIGHUP')
  await until(
    'it is read again',
    async () => (await agent.metric('affiant_config_reloads_total', '{result="unchanged"}')) === 1,
  )
  appendFileSync(directory.at('app.log'), '{"user":"u","event":"written","n":4}\n')
  const own = (name: string) => eventsIn(directory.at(name))
  const has = (name: string) =>
    own(name).flatMap(({ unmapped }) => (unmapped?.n === undefined ? [] : [unmapped.n]))
  await until(
    'all is delivered',
    () => has('out.ndjson').length === 4 && has('more.ndjson').length === 3,
    () => [has('out.ndjson'), has('more.ndjson'), agent.stderr],
  )
  expect(await agent.readiness()).toMatchObject({ status: 200 })
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  expect(new Set(has('out.ndjson'))).toEqual(new Set([1, 2, 3, 4]))
  const lines = readFileSync(directory.at('out.ndjson'), 'utf8')
  const results = lines.matchAll(/"action":"affiant\.config\.(\w+)"/g).map(([, result]) => result)
  expect([...results]).toEqual(['changed', 'refused', 'refused', 'refused'])
})

test('nothing that runs is stopped for a listener that cannot start, and two listeners may change places', {
  timeout: 120_000,
}, async () => {
  using directory = new WorkDirectory()
  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  onTestFinished(() => void occupied.close())
  const address = occupied.address()
  const taken = typeof address === 'object' ? address?.port : 0
  const [port, health] = [await freePort(), await freePort()]
  const web = { type: 'http', listen: `127.0.0.1:${port}` }
  const telemetry = { listen: `127.0.0.1:${health}` }
  const config = configure(directory, { receivers: { web }, telemetry })
  await using agent = startAgent(config)
  await agent.ready()
  const connection = createConnection(port, '127.0.0.1')
  onTestFinished(() => void connection.destroy())
  let n = 0
  expect(await post(connection, n++)).toContain('200')
  const reload = async () => {
    await using asking = new AffiantProcess(['reload', '-c', config])
    return await asking.result()
  }
  const tls = { cert: directory.at('none.pem'), key: directory.at('none.pem') }
  const refused = [
    [{ ...web, tls }, /receivers\.web\.tls\.\w+: .*none\.pem cannot be read/],
    [{ ...web, listen: `127.0.0.1:${taken}` }, /receiver web: another process listens on/],
    [
      { type: 'syslog', tcp: { listen: web.listen, tls } },
      /receivers\.web\.tcp\.tls\.\w+: .*none\.pem cannot be read/,
    ],
  ] as const
  for (const [changed, reason] of refused) {
    configure(directory, { receivers: { web: changed }, telemetry })
    expect((await reload()).stderr).toMatch(reason)
    expect(await post(connection, n++)).toContain('200')
  }

  const there = {
    receivers: { web: { ...web, listen: telemetry.listen } },
    telemetry: { listen: web.listen },
  }
  configure(directory, there)
  expect((await reload()).stdout).toContain('changed: receivers.web, telemetry.listen')
  expect((await fetch(`http://${web.listen}/readyz`)).status).toBe(200)
  const moved = createConnection(health, '127.0.0.1')
  onTestFinished(() => void moved.destroy())
  expect(await post(moved, n++)).toContain('200')
  agent.signal('SIGTERM')
  expect((await agent.result()).code).toBe(0)
  const has = eventsIn(directory.at('out.ndjson')).flatMap(({ unmapped }) => unmapped?.n ?? [])
  expect(has).toEqual(Array.from({ length: n }, (_, at) => at))
})
