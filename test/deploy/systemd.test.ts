// deploy/systemd, as far as it can be tried without systemd as process 1: systemd's own programs read it, and the system calls of a
// running agent are among those that the unit allows.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { AffiantProcess, configure, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'

const root = join(import.meta.dirname, '../..')
const unit = join(root, 'deploy/systemd/affiant.service')
const page = readFileSync(join(root, 'docs/deployment-systemd.md'), 'utf8')

function has(program: string): boolean {
  const found = spawnSync(program, ['--version']).error === undefined
  if (!found) process.stderr.write(`skipped: ${program} is not there\n`)
  return found
}

/** System calls in sets of systemd, which name sets in turn. */
function callsOf(sets: readonly string[]): Set<string> {
  const lines = sets.flatMap((set) =>
    execFileSync('systemd-analyze', ['syscall-filter', set], { encoding: 'utf8' })
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
  const inner = lines.filter((line) => line.startsWith('@'))
  return new Set([...lines, ...(inner.length > 0 ? callsOf(inner) : [])])
}

test('the configuration is valid', async () => {
  await using validate = new AffiantProcess([
    'validate',
    '--no-environment',
    join(root, 'deploy/systemd/affiant.yaml'),
  ])
  expect(await validate.result()).toMatchObject({ code: 0, stderr: '' })
})

test('what it is given time for is over when systemd loses its patience', () => {
  const text = readFileSync(unit, 'utf8')
  // agent.drain is 10 s by default.
  expect(Number(/^TimeoutStopSec=(\d+)s$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(30)
  expect(/^RestartPreventExitStatus=(.*)$/m.exec(text)?.[1]).toBe('64 72 78')
})

describe.runIf(has('systemd-analyze'))('systemd', () => {
  test('reads the unit without a complaint', () => {
    using directory = new WorkDirectory()
    // The program is not installed here.
    const text = readFileSync(unit, 'utf8').replaceAll('/opt/affiant/bin/affiant', process.execPath)
    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', directory.write('affiant.service', text)],
      {
        encoding: 'utf8',
      },
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const broken = directory.write('broken.service', text.replace('ProtectClock=yes', 'ProtectClok=yes'))
    expect(spawnSync('systemd-analyze', ['verify', broken], { encoding: 'utf8' }).stderr).toContain(
      'ProtectClok',
    )
  })

  test('takes what the page adds to it', () => {
    using directory = new WorkDirectory()
    const added = /```ini\n(# \S+local\.conf\n[^`]*)```/.exec(page)?.[1] ?? ''
    const table = page
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .join('\n')
    const rows = [...table.matchAll(/`(\w+=[\w-]+)`/g)].map(([, row]) => row!)
    expect(rows.length).toBeGreaterThan(3)
    const text = readFileSync(unit, 'utf8').replaceAll('/opt/affiant/bin/affiant', process.execPath)
    const path = directory.write('affiant.service', text)
    const verify = () => spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' }).stderr
    directory.write('affiant.service.d/local.conf', added)
    directory.write('affiant.service.d/more.conf', `[Service]\n${rows.join('\n')}\n`)
    expect(verify()).toBe('')
    directory.write('affiant.service.d/more.conf', '[Service]\nReadWritePath=/srv/x\n')
    expect(verify()).toContain('ReadWritePath')
  })

  test.runIf(has('strace'))('allows every system call of an agent', { timeout: 120_000 }, async () => {
    using directory = new WorkDirectory()
    await using hook = await HttpDestination.open()
    const log = directory.write('log/a.log', '{"user":"u_1","event":"invoice.read"}\n')
    const config = configure(directory, {
      agent: { workers: 1 },
      receivers: { app: { type: 'file', include: [log] } },
      sinks: { hook: { type: 'http', url: hook.url.replace('127.0.0.1', 'localhost') } },
    })
    // Elsewhere than what it watches: each line of the trace would be traced.
    const trace = directory.at('trace')
    const entry = join(root, 'bin/affiant.js')
    const options = ['--follow-forks', '--quiet=all', '--output', trace, process.execPath, entry]
    const env = { ...process.env, NODE_OPTIONS: '' }
    await promisify(execFile)('strace', [...options, 'run', '--once', '-c', config], { env, timeout: 60_000 })
    expect(hook.events.length).toBe(1)
    const made = new Set(
      [...readFileSync(trace, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?([a-z]\w*)/gm)].map(([, name]) => name!),
    )
    expect(made).toContain('fdatasync')
    const filters = [...readFileSync(unit, 'utf8').matchAll(/^SystemCallFilter=(~?)(.*)$/gm)]
    const named = (is: string) => filters.flatMap(([, not, sets]) => (not === is ? sets!.split(' ') : []))
    const denied = callsOf(named('~'))
    const allowed = callsOf(['@default', ...named('')])
    expect([...made].filter((name) => denied.has(name) || !allowed.has(name))).toEqual([])
  })

  test('has little against it, as the page says', () => {
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', unit], { encoding: 'utf8' })
    const exposure = Number(/Overall exposure level for affiant\.service: ([\d.]+)/.exec(said)?.[1])
    const documented = Number(/exposure level of \*\*([\d.]+)\*\*/.exec(page)?.[1])
    // Newer versions know more to ask for.
    expect(Math.abs(exposure - documented)).toBeLessThanOrEqual(0.3)
    expect(exposure).toBeLessThan(2)
  })
})

describe.runIf(process.getuid?.() === 0 && has('systemd-sysusers') && has('systemd-tmpfiles'))(
  'as root',
  () => {
    test('the user and the directories are made', () => {
      using directory = new WorkDirectory()
      directory.write('etc/passwd', '')
      directory.write('etc/group', '')
      const make = (program: string, ...args: string[]) =>
        execFileSync(program, [`--root=${directory.path}`, ...args], { stdio: 'pipe' })
      make('systemd-sysusers', join(root, 'deploy/systemd/affiant.sysusers'))
      expect(readFileSync(directory.at('etc/passwd'), 'utf8')).toMatch(
        /^affiant:x:\d+:\d+:Affiant:\/var\/lib\/affiant:/m,
      )
      make('systemd-tmpfiles', '--create', join(root, 'deploy/systemd/affiant.tmpfiles'))
      const modes = execFileSync('stat', [
        '-c',
        '%a %g',
        directory.at('etc/affiant'),
        directory.at('var/lib/affiant'),
      ])
      const gid = /^affiant:x:(\d+):/m.exec(readFileSync(directory.at('etc/group'), 'utf8'))?.[1]
      expect(modes.toString()).toBe(`750 ${gid}\n750 ${gid}\n`)
    })
  },
)
