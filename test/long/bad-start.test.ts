// What keeps an agent from starting: one message that says what, where and what to do, and an exit code for scripts.
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

/** A port that is taken for as long as this lives. */
async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

describe.concurrent('the agent does not start', () => {
  test('when another process listens on the OTLP address', async () => {
    using directory = new WorkDirectory()
    await using taken = await takenPort()
    const config = configure(directory, {
      receivers: { orders: { type: 'otlp', http: { listen: `127.0.0.1:${taken.port}` } } },
    })
    await using agent = startAgent(config)
    const { code, stderr, stdout } = await agent.result()
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
    expect(stderr).toBe(
      `affiant: receiver orders: another process listens on 127.0.0.1:${taken.port}\n` +
        '  stop it (ss -ltnp shows who it is), or change receivers.orders.http.listen\n',
    )
  })

  test('when another process listens on the telemetry address', async () => {
    using directory = new WorkDirectory()
    await using taken = await takenPort()
    const config = configure(directory, { telemetry: { listen: `127.0.0.1:${taken.port}` } })
    await using agent = startAgent(config)
    const { code, stderr } = await agent.result()
    expect(code).toBe(69)
    expect(stderr).toBe(
      `affiant: telemetry: another process listens on 127.0.0.1:${taken.port}\n` +
        '  stop it (ss -ltnp shows who it is), or change telemetry.listen\n',
    )
  })

  test('when files that enrichers read are not what they should be: each is named where the configuration does', async () => {
    using directory = new WorkDirectory()
    const table = directory.write('users.csv', 'id,email\nu1,a@x\nu1,b@x\n')
    const lookup = { file: table, key: 'actor.id', set: { 'actor.email': 'email' } }
    const config = configure(directory, {
      attribution: { enrich: [{ geoip: { file: 'none.mmdb' } }, { lookup }] },
    })
    await using agent = startAgent(config)
    const { code, stderr } = await agent.result()
    expect(code).toBe(78)
    const lines = stderr.split('\n')
    expect(lines).toEqual([
      expect.stringMatching(
        /:\d+:\d+ {2}attribution\.enrich\[0\]\.geoip\.file: none\.mmdb cannot be read: there is no such file$/,
      ),
      expect.stringMatching(
        /:\d+:\d+ {2}attribution\.enrich\[1\]\.lookup\.file: .*users\.csv: line 3: the key "u1" is there already$/,
      ),
      '2 errors',
      '',
    ])
  })

  test('when the data directory is a file', async () => {
    using directory = new WorkDirectory()
    const config = configure(directory)
    const data = directory.write('data', 'a file')
    await using agent = startAgent(config)
    const { code, stderr } = await agent.result()
    expect(code).toBe(73)
    expect(stderr).toContain(`affiant: ${data}: `)
    expect(stderr).toContain('agent.data_dir must be a directory that this user can write')
  })

  test.skipIf(process.getuid?.() !== 0)('when the data directory is read-only for its user', async () => {
    using directory = new WorkDirectory()
    const config = configure(directory)
    mkdirSync(directory.at('data'))
    chmodSync(directory.path, 0o755)
    chmodSync(directory.at('data'), 0o555)
    // Root may write everywhere, so it runs as nobody.
    await using agent = startAgent(config, [], { uid: 65534, gid: 65534, cwd: directory.path })
    const { code, stderr } = await agent.result()
    expect(code).toBe(73)
    expect(stderr).toContain(`affiant: ${directory.at('data')}: EACCES`)
    expect(stderr).toContain('agent.data_dir must be a directory that this user can write')
  })

  test('when another agent holds the data directory, unless it is told to wait', async () => {
    using directory = new WorkDirectory()
    const config = configure(directory)
    await using first = startAgent(config)
    await first.ready()
    await using second = startAgent(config)
    const { code, stderr } = await second.result()
    expect(code).toBe(75)
    expect(stderr).toBe(
      `affiant: process ${first.child.pid} uses ${directory.at('data')}\n` +
        '  stop it, give this agent its own agent.data_dir, or pass --wait-lock to queue behind it\n',
    )

    await using waiting = startAgent(config, ['--wait-lock'])
    await using impatient = startAgent(config, ['--wait-lock'])
    first.signal('SIGKILL')
    await first.ended
    await Promise.race([waiting.ready(), impatient.ready()])
    const [runs, waits] = waiting.stdout.includes('ready in') ? [waiting, impatient] : [impatient, waiting]
    // Who waits can be told to stop as well.
    waits.signal('SIGTERM')
    expect(await waits.ended).toEqual({ code: 0, signal: null })
    runs.signal('SIGTERM')
    expect(await runs.ended).toEqual({ code: 0, signal: null })
  })

  test('when the configuration is not valid: every problem at its line and column', async () => {
    using directory = new WorkDirectory()
    const config = directory.write(
      'broken.yaml',
      [
        'agent: { id: 7 }',
        'receivers:',
        '  app: { type: fiel, include: [a.log] }',
        'sinks:',
        '  hook: { type: http, url: "https://a.example", batch: { max_byte: 1MiB } }',
        'routes:',
        '  - { to: hok }',
      ].join('\n'),
    )
    await using agent = startAgent(config)
    const { code, stdout, stderr } = await agent.result()
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toEqual([
      expect.stringContaining(`${config}:1:14  agent.id: expected text`),
      expect.stringMatching(/broken\.yaml:3:16 {2}receivers\.app\.type: .*Did you mean "file"\?/),
      `${config}:5:3  warning: sinks.hook: no route leads here, so it gets nothing`,
      expect.stringMatching(/broken\.yaml:5:58 {2}sinks\.hook\.batch.*max_byte.*max_bytes/),
      expect.stringMatching(/broken\.yaml:7:11 {2}routes.*hok.*hook/),
      '4 errors, 1 warning',
    ])
  })

  test('when there is no such configuration', async () => {
    using directory = new WorkDirectory()
    await using agent = startAgent(directory.at('nowhere.yaml'))
    const { code, stderr } = await agent.result()
    expect(code).toBe(66)
    expect(stderr).toContain(`${directory.at('nowhere.yaml')}: there is no such file or directory`)
  })

  test('when no configuration is named and none is where one would be', async () => {
    using directory = new WorkDirectory()
    await using agent = new AffiantProcess(['run'], { cwd: directory.path, env: { AFFIANT_CONFIG: '' } })
    const { code, stderr } = await agent.result()
    expect(code).toBe(66)
    expect(stderr).toMatch(/affiant\.yaml/)
  })
})
