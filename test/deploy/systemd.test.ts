// deploy/systemd, as far as it can be tried without systemd as process 1: systemd's own programs read it, and the system calls of a
// running agent are among those that the unit allows.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AffiantProcess, WorkDirectory } from '../e2e/agent-process.ts'

const root = join(import.meta.dirname, '../..')
const unit = join(root, 'deploy/systemd/affiant.service')
const page = readFileSync(join(root, 'docs/deployment-systemd.md'), 'utf8')

function has(program: string): boolean {
  const found = spawnSync(program, ['--version']).error === undefined
  if (!found) process.stderr.write(`skipped: ${program} is not there\n`)
  return found
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
