// Files that an agent meets and nobody meant it to: each has its message or its event, and the agent goes on.
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn, invalid } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const root = process.getuid?.() === 0
const line = (user: string) => `${JSON.stringify({ user, event: 'invoice.read', n: 1 })}\n`
const actors = (events: readonly OutputEvent[]) => events.map(({ actor }) => actor.id ?? '')

async function stop(agent: AgentProcess): Promise<void> {
  agent.signal('SIGTERM')
  expect(await agent.ended, agent.stderr).toEqual({ code: 0, signal: null })
}

test('a pattern without a file is a warning; the file that appears later is read', async () => {
  using directory = new WorkDirectory()
  await using agent = startAgent(configure(directory))
  const banner = await agent.ready()
  const pattern = directory.at('*.log')
  expect(banner).toContain(`  follows   ${pattern} (no file yet)\n`)
  expect(agent.log).toMatchObject([
    { level: 40, receiver: 'app', pattern, msg: expect.stringContaining(`no file matches ${pattern} yet`) },
  ])
  expect(await agent.readiness()).toMatchObject({ status: 200 })
  directory.write('late.log', line('u_late'))
  const out = directory.at('out.ndjson')
  await until('the late line', () => eventsIn(out).length === 1)
  expect(eventsIn(out)[0]).toMatchObject({ actor: { id: 'u_late' } })
  await stop(agent)
})

test('odd bytes and odd files: every line becomes a valid event, none is lost', async () => {
  using directory = new WorkDirectory()
  chmodSync(directory.path, 0o777)
  const config = configure(directory, {
    receivers: { app: { type: 'file', include: [directory.at('*.log')], poll: '50ms', raw: 'full' } },
  })
  const invalidText = Buffer.concat([
    Buffer.from('{"user":"'),
    Buffer.of(0xff, 0xfe, 0x80),
    Buffer.from('"}'),
  ])
  const nuls = Buffer.from('{"user":"u_n\0ul"}')
  directory.write('crlf.log', '{"user":"u_crlf1"}\r\n{"user":"u_crlf2"}\r\n')
  directory.write('empty.log', '')
  directory.write(
    'invalid.log',
    Buffer.concat([invalidText, Buffer.from('\n'), Buffer.from(line('u_after'))]),
  )
  directory.write('nul.log', Buffer.concat([nuls, Buffer.from('\n'), Buffer.from(line('u_afternul'))]))
  directory.write('partial.log', `${line('u_whole')}{"user":"u_par`)
  directory.write('text.log', `this is no JSON\n${line('u_aftertext')}`)
  mkdirSync(directory.at('directory.log'))
  symlinkSync('loop.log', directory.at('loop.log'))
  chmodSync(directory.write('secret.log', line('u_secret')), root ? 0o600 : 0)

  // Root may read everything, so it runs as nobody.
  await using agent = startAgent(config, [], root ? { uid: 65534, gid: 65534, cwd: directory.path } : {})
  await agent.ready()
  const out = directory.at('out.ndjson')
  await until(
    'the lines',
    () => eventsIn(out).length >= 9,
    () => agent.stderr + actors(eventsIn(out)),
  )

  // Unreadable: named once each with the reason, counted, and the others are read nevertheless.
  const warnings = agent.log.filter(({ msg }) => msg.startsWith('cannot read this file'))
  expect(new Map(warnings.map(({ path, code }) => [path, code]))).toEqual(
    new Map([
      [directory.at('loop.log'), 'ELOOP'],
      [directory.at('secret.log'), 'EACCES'],
    ]),
  )
  expect(warnings).toHaveLength(2)
  expect(agent.running).toBe(true)

  appendFileSync(directory.at('partial.log'), 'tial"}\n')
  chmodSync(directory.at('secret.log'), 0o644)
  await until(
    'the rest',
    () => eventsIn(out).length >= 11,
    () => actors(eventsIn(out)),
  )
  await stop(agent)

  const events = eventsIn(out)
  for (const event of events) expect(invalid(event)).toBeUndefined()
  const failed = events.filter(({ quality }) => quality.parse === 'failed')
  const read = events.filter(({ quality }) => quality.parse === 'ok')
  expect(new Set(actors(read))).toEqual(
    new Set([
      'u_after',
      'u_afternul',
      'u_aftertext',
      'u_crlf1',
      'u_crlf2',
      'u_partial',
      'u_secret',
      'u_whole',
    ]),
  )
  expect(read).toHaveLength(8)
  const rawOf = (event: OutputEvent) => ({ ...event.raw, data: event.raw_data })
  const raw = (bytes: Buffer, encoding: BufferEncoding, named: string) => ({
    encoding: named,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    data: bytes.toString(encoding),
  })
  // NUL is a character like others; what is no UTF-8 is kept as bytes.
  expect(failed.map(rawOf)).toContainEqual(raw(nuls, 'utf8', 'utf-8'))
  expect(failed.map(rawOf)).toContainEqual(raw(invalidText, 'base64', 'base64'))
  expect(failed).toHaveLength(3)
})

test('files that vanish, by deletion and by rotation, while they are read', async () => {
  using directory = new WorkDirectory()
  await using agent = startAgent(configure(directory))
  await agent.ready()
  const many = Array.from({ length: 5_000 }, (_, n) => line(`u_${n}`)).join('')
  directory.write('gone.log', many)
  const out = directory.at('out.ndjson')
  await until('its first line', () => eventsIn(out).length > 0)
  rmSync(directory.at('gone.log'))
  directory.write('rotated.log', line('u_rotated'))
  await until('all that was in both', () => eventsIn(out).length >= 5_001)
  renameSync(directory.at('rotated.log'), directory.at('rotated.log.1'))
  directory.write('rotated.log', line('u_next'))
  await until('the file after it', () => actors(eventsIn(out)).includes('u_next'))
  await stop(agent)
  const ids = new Set(eventsIn(out).map(({ id }) => id))
  expect(ids.size).toBe(5_002)
  expect(eventsIn(out)).toHaveLength(5_002)
})

describe.skipIf(process.platform !== 'linux')('a line of 1 GB', () => {
  test('is one marked event with size and hash, in bounded memory, and the next line arrives', async () => {
    using directory = new WorkDirectory()
    const size = 1_000_000_000
    const head = '{"user":"u_big","blob":"'
    // ( printf '{"user":"u_big","blob":"'; head -c 999999976 /dev/zero ) | sha256sum
    const sha256 = '0784ce511acfa1813f2cc3549bbdcc454f642ed61802e814728def7f38817ea0'
    // A hole in the file: it reads as NULs and takes no space.
    const file = openSync(directory.at('giant.log'), 'w')
    writeSync(file, head)
    ftruncateSync(file, size)
    writeSync(file, `\n${line('u_next')}`, size)
    closeSync(file)

    await using agent = startAgent(configure(directory))
    await agent.ready()
    const out = directory.at('out.ndjson')
    await until('both events', () => eventsIn(out).length === 2)
    const memory = agent.peakMemory
    await stop(agent)

    const [giant, next] = eventsIn(out)
    expect(giant).toMatchObject({
      quality: { parse: 'failed', warnings: [`the record is over the size limit: ${size} bytes`] },
      raw: { size, sha256, truncated: true },
      provenance: { offset: 0 },
    })
    expect(invalid(giant)).toBeUndefined()
    expect(giant?.raw_data).toBe(head.padEnd(64 * 1024, '\0'))
    expect(next).toMatchObject({ actor: { id: 'u_next' }, quality: { parse: 'ok' } })
    expect(memory).toBeLessThan(300)
    process.stdout.write(`peak memory with a line of 1 GB: ${memory.toFixed(0)} MiB\n`)
  })
})

test('a hole of NULs over the limit is no event, and the line behind it is one', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: { app: { type: 'file', include: [directory.at('*.log')], poll: '50ms', max_record: '64KiB' } },
  })
  directory.write('hole.log', Buffer.concat([Buffer.alloc(300_000), Buffer.from(`\n${line('u_next')}`)]))
  await using agent = startAgent(config)
  await agent.ready()
  await until('the line behind the hole', () => eventsIn(directory.at('out.ndjson')).length > 0)
  await stop(agent)
  expect(eventsIn(directory.at('out.ndjson'))).toMatchObject([{ actor: { id: 'u_next' } }])
})
