// What the system refuses the real process: directories and files without permission, and descriptors.
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn } from '../e2e/events.ts'
import { until } from '../e2e/until.ts'

const root = process.getuid?.() === 0
const line = (user: string) => `${JSON.stringify({ user, event: 'invoice.read', n: 1 })}\n`

test('a directory and a file without permission are told of once each, and read as soon as they can be', async () => {
  using directory = new WorkDirectory()
  chmodSync(directory.path, 0o777)
  directory.write('open/a.log', line('u_open'))
  directory.write('shut/b.log', line('u_shut'))
  const secret = directory.write('open/c.log', line('u_secret'))
  // Root may read everything, so it runs as nobody.
  if (root) chownSync(directory.at('shut'), 65534, 65534)
  chmodSync(directory.at('shut'), 0)
  chmodSync(secret, root ? 0o600 : 0)
  await using agent = startAgent(
    configure(directory, {
      receivers: {
        app: {
          type: 'file',
          include: [directory.at('open/*.log'), directory.at('shut/*.log')],
          watch: 'poll',
        },
      },
    }),
    [],
    root ? { uid: 65534, gid: 65534, cwd: directory.path } : {},
  )
  await agent.ready()
  const users = () => eventsIn(directory.at('out.ndjson')).map(({ actor }) => actor.id)
  await until('what is readable', () => users().includes('u_open'))
  const refusals = () => agent.log.filter(({ msg }) => msg.startsWith('cannot '))
  expect(refusals()).toMatchObject([
    { path: directory.at('shut'), code: 'EACCES' },
    { path: secret, code: 'EACCES' },
  ])
  chmodSync(directory.at('shut'), 0o755)
  chmodSync(secret, 0o644)
  await until('the rest', () => users().length === 3, users)
  expect(refusals()).toHaveLength(2)

  // What is open already is read on, whatever becomes of the permission; what is new is read when it may be.
  chmodSync(secret, root ? 0o600 : 0)
  appendFileSync(directory.at('open/a.log'), line('u_more'))
  await until('what was added', () => users().includes('u_more'))
  agent.signal('SIGTERM')
  expect(await agent.ended, agent.stderr).toEqual({ code: 0, signal: null })
  expect(new Set(users())).toEqual(new Set(['u_more', 'u_open', 'u_secret', 'u_shut']))
})

test('what was rotated while the agent was away to where it may not look keeps its position: it starts, and reads on later', async () => {
  using directory = new WorkDirectory()
  chmodSync(directory.path, 0o777)
  const names = ['file/a.log', 'listed/b.log', 'entered/c.log']
  for (const name of names) directory.write(name, line(`u_${name}_0`))
  const config = configure(directory, {
    receivers: { app: { type: 'file', include: names.map((name) => directory.at(name)), poll: '50ms' } },
  })
  const events = () => eventsIn(directory.at('out.ndjson'))
  const users = () => events().flatMap(({ actor }) => (actor?.id?.startsWith('u_') ? [actor.id] : []))
  const as = root ? { uid: 65534, gid: 65534, cwd: directory.path } : {}
  async function run(until: () => Promise<void>): Promise<void> {
    await using agent = startAgent(config, [], as)
    await agent.ready()
    await until()
    agent.signal('SIGTERM')
    expect(await agent.ended, agent.stderr).toEqual({ code: 0, signal: null })
  }
  const all = (count: number) => () => until(`${count} lines`, () => users().length >= count, users)

  await run(all(3))
  for (const name of names) {
    appendFileSync(directory.at(name), line(`u_${name}_1`))
    renameSync(directory.at(name), directory.at(`${name}.1`))
    directory.write(name, line(`u_${name}_2`))
  }
  // Root owns all of it: one file that may not be read, one directory not listed, one not entered.
  chmodSync(directory.at('file/a.log.1'), root ? 0o600 : 0)
  chmodSync(directory.at('listed'), root ? 0o711 : 0o311)
  chmodSync(directory.at('entered'), root ? 0o744 : 0o644)
  // The new file in the directory that may not be entered is refused, too.
  await run(all(5))
  chmodSync(directory.at('file/a.log.1'), 0o644)
  for (const name of ['listed', 'entered']) chmodSync(directory.at(name), 0o755)
  await run(all(9))
  expect(new Set(users())).toEqual(new Set(names.flatMap((name) => [0, 1, 2].map((n) => `u_${name}_${n}`))))
  expect(users()).toHaveLength(9)
  expect(events().filter(({ action }) => action === 'affiant.stream.gap')).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  '23: with fewer descriptors than files the system refuses some, and all files are read nevertheless',
  async () => {
    using directory = new WorkDirectory()
    mkdirSync(directory.at('many'))
    const files = Array.from({ length: 300 }, (_, index) => directory.at('many', `f-${index}.log`))
    for (const [index, path] of files.entries()) writeFileSync(path, line(`u_${index}_0`))
    const config = configure(directory, {
      receivers: { app: { type: 'file', include: [directory.at('many/*.log')] } },
    })
    const entry = join(import.meta.dirname, '../../bin/affiant.js')
    // Three quarters of these for files leave too few for the rest, so that it comes to EMFILE.
    const command = `ulimit -n 64; exec "$0" "$@"`
    const { NODE_OPTIONS: _options, ...env } = process.env
    const child = spawn('sh', ['-c', command, process.execPath, entry, 'run', '-c', config], {
      env,
      stdio: 'pipe',
    })
    const output: Buffer[] = []
    child.stderr.on('data', (part: Buffer) => output.push(part))
    child.stdout.resume()
    try {
      const users = () => new Set(eventsIn(directory.at('out.ndjson')).map(({ actor }) => actor.id))
      const seen = () => Buffer.concat(output).toString().slice(-4_000)
      await until('every file', () => users().size === 300, seen)
      expect(readFileSync(`/proc/${child.pid}/limits`, 'utf8')).toMatch(/Max open files\s+64\s/)
      for (const [index, path] of files.entries()) appendFileSync(path, line(`u_${index}_1`))
      await until('what was added', () => users().size === 600, seen)
      const warnings = Buffer.concat(output)
        .toString()
        .split('\n')
        .filter((text) => text.includes('take turns'))
      expect(warnings).toHaveLength(1)
    } finally {
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('close', resolve))
    }
    expect(child.exitCode).toBe(0)
  },
)
