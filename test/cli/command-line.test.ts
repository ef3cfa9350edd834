// What is typed and what comes back: the real process, its output, its exit codes.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { errorTable } from '../../src/errors.ts'
import { presetChoices } from '../../src/normalise/presets.ts'
import { AffiantProcess, configure, type ProcessOptions, WorkDirectory } from '../e2e/agent-process.ts'
import { invalid } from '../e2e/events.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const root = join(import.meta.dirname, '../..')

async function affiant(args: readonly string[], options: ProcessOptions = {}) {
  await using running = new AffiantProcess(args, { cwd: root, ...options })
  const { code, stdout, stderr } = await running.result()
  return { code, stdout, stderr }
}

describe.concurrent('help', () => {
  test('--help names every command and every exit code', async () => {
    const { code, stdout, stderr } = await affiant(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of [
      'run',
      'validate',
      'schema',
      'normalize',
      'test',
      'presets',
      'show',
      'pid',
      'journal',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} .*\\w`, 'm'))
    }
    const explained = stdout.slice(stdout.indexOf('Exit codes:'))
    for (const exit of new Set(Object.values(errorTable).map((error) => error.exit))) {
      expect(explained).toMatch(new RegExp(`(^|\\s)${exit} +\\w`, 'm'))
    }
    // It fits a terminal.
    expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([])
  })

  test('nothing typed shows the same help, as an error', async () => {
    const { code, stdout, stderr } = await affiant([])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain('Usage: affiant')
  })

  test('run --help explains its options', async () => {
    const { code, stdout } = await affiant(['run', '--help'])
    expect(code).toBe(0)
    for (const option of ['--config <path>', '--once', '--wait-lock']) expect(stdout).toContain(option)
  })

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await affiant(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('an unknown command is 64, with the nearest one and where to look', async () => {
    const { code, stdout, stderr } = await affiant(['validat'])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain("unknown command 'validat'")
    expect(stderr).toContain('Did you mean validate?')
    expect(stderr).toContain('affiant --help')
  })

  test('an unknown option is 64', async () => {
    const { code, stderr } = await affiant(['run', '--onec'])
    expect(code).toBe(64)
    expect(stderr).toContain("unknown option '--onec'")
    expect(stderr).toContain('--once')
  })
})

describe.concurrent('what is written where a command takes nothing', () => {
  test.each([
    ['run', 'affiant.yaml', 'A configuration is named with -c, as in -c affiant.yaml.'],
    [
      'hash',
      'u_42',
      'Values come on the standard input, one a line: what is on a command line is seen by others.',
    ],
  ])('%s %s', async (command, argument, hint) => {
    const { code, stdout, stderr } = await affiant([command, argument])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      expect.stringContaining(`too many arguments for '${command}'`),
      hint,
    ])
  })
})

describe.concurrent('schema and validate', () => {
  test.each([
    ['event', 'schema/audit-event-1.schema.json'],
    ['config', 'schema/affiant.schema.json'],
  ])('schema %s', async (which, file) => {
    const { code, stdout, stderr } = await affiant(['schema', which])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(readFileSync(join(root, file), 'utf8'))
  })

  test('a reader that leaves early is no error', () => {
    const entry = join(root, 'bin/affiant.js')
    const script = `set -o pipefail; "${process.execPath}" "${entry}" schema config | head -1`
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('{\n')
  })

  test('validate: 0 for what is shipped, 78 without its secrets, 0 with --no-environment', async () => {
    const quickstart = await affiant(['validate', '-c', 'config/quickstart.yaml'])
    expect(quickstart).toEqual({ code: 0, stdout: 'config/quickstart.yaml: valid\n', stderr: '' })
    const minimal = await affiant(['validate', '-c', 'config/minimal.yaml'])
    expect(minimal).toMatchObject({ code: 78, stdout: '' })
    expect(minimal.stderr).toMatch(/^config\/minimal\.yaml:\d+:\d+ {2}sinks\.hook\.auth\.bearer: /)
    const args = ['validate', '--no-environment', '-c', 'config/minimal.yaml']
    expect(await affiant(args)).toMatchObject({ code: 0, stderr: '' })
    const named = await affiant(['validate', 'config/quickstart.yaml'])
    expect(named).toEqual(quickstart)
    expect(await affiant(['validate', '-c', 'config/nowhere.yaml'])).toMatchObject({ code: 66, stdout: '' })
  })
})

const events = (stdout: string): unknown[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))

describe.concurrent('normalize', () => {
  test('lines in, events out, the summary apart; 1 when a line could not be parsed', async () => {
    const good = await affiant(['normalize', '--preset', 'json'], { input: '{"user":"u_1","event":"a.b"}\n' })
    expect(good).toMatchObject({
      code: 0,
      stderr:
        '1 records, 0 not parsed, 1 with incomplete attribution (without targets 1, outcome.result 1)\n',
    })
    expect(events(good.stdout)).toMatchObject([{ actor: { id: 'u_1' }, action: 'a.b' }])
    const bad = await affiant(['normalize', '--preset', 'json'], { input: 'nonsense\n{"user":"u_2"}' })
    expect(bad.code).toBe(1)
    expect(events(bad.stdout)).toMatchObject([{ quality: { parse: 'failed' } }, { actor: { id: 'u_2' } }])
    expect(bad.stderr).toContain('2 records, 1 not parsed')
  })

  test('an unknown preset is a usage error with the ones there are', async () => {
    const { code, stderr } = await affiant(['normalize', '--preset', 'kubernets'], { input: '' })
    expect(code).toBe(64)
    expect(stderr).toBe(
      'affiant: there is no preset "kubernets"\n' +
        `  did you mean kubernetes? there are ${presetChoices().join(', ')}\n`,
    )
  })

  const samples = join(root, '../shared/samples/kubernetes/events.jsonl')
  const present = existsSync(samples)
  test.runIf(process.env.CI !== undefined)('the Kubernetes samples are there in CI', () => {
    expect(present).toBe(true)
  })
  test.skipIf(!present)('real Kubernetes audit events: one valid event a line', async () => {
    const input = readFileSync(samples)
    const { code, stdout, stderr } = await affiant(['normalize', '--preset', 'kubernetes'], { input })
    const count = input.toString().trimEnd().split('\n').length
    expect(code).toBe(0)
    expect(stderr).toMatch(
      new RegExp(`^${count} records, 0 not parsed, \\d+ with incomplete attribution \\(without .+\\)\n$`),
    )
    const made = events(stdout)
    expect(made).toHaveLength(count)
    for (const event of made) expect(invalid(event)).toBeUndefined()
  })
})

describe.concurrent('looking at what an agent left', () => {
  test('journal inspect, show and pid', async () => {
    using directory = new WorkDirectory()
    const config = configure(directory)
    directory.write('app.log', '{"ts":"2026-11-23T12:00:00Z","user":"u_42","event":"invoice.approve"}\n')

    const nothing = await affiant(['journal', 'inspect', '-c', config])
    expect(nothing.code).toBe(66)

    expect((await affiant(['run', '--once', '-c', config])).code).toBe(0)
    const inspected = await affiant(['journal', 'inspect', '-c', config])
    expect(inspected.code).toBe(0)
    expect(inspected.stdout).toContain('origin affiant/e2e/')
    expect(inspected.stdout).toContain('cursor out: settled below 4')
    const named = await affiant(['journal', 'inspect', '--data-dir', directory.at('data')])
    expect(named.stdout).toBe(inspected.stdout)

    const shown = await affiant(['show', '2', '-c', config])
    expect(shown.code).toBe(0)
    expect(shown.stdout).toContain('raw line (byte 0)')
    expect(shown.stdout).toMatch(/user: u_42 +→ +actor\.id: u_42/)
    expect(shown.stdout).toContain('delivered: out')

    const unknown = await affiant(['show', '7', '-c', config])
    expect(unknown).toEqual({
      code: 66,
      stdout: '',
      stderr: `affiant: the journal in ${directory.at('data')} holds seq 0 to 3, not 7\n`,
    })
    expect(await affiant(['show', 'seven', '-c', config])).toMatchObject({ code: 64, stdout: '' })

    expect(await affiant(['pid', '-c', config])).toEqual({
      code: 69,
      stdout: '',
      stderr:
        `affiant: no agent runs on ${directory.at('data')}\n` +
        '  start one with affiant run, or name its configuration with -c\n',
    })
  })
})

test('dlq list and show', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory)
  expect(await affiant(['dlq', 'list', '-c', config])).toMatchObject({
    code: 66,
    stderr: expect.stringContaining(`there is no data directory ${directory.at('data')}`),
  })
  const sent = (seq: number) => `{"id":"e-${seq}","log":{"seq":${seq}}}`
  const letter = (seq: number) =>
    `{"schema":"dead-letter/1","time":"2026-11-23T11:00:00.000Z","sink":"hook","seq":${seq},"attempts":3,"reason":"HTTP 400","event":${sent(seq)}}\n`
  mkdirSync(directory.at('data/dlq/hook'), { recursive: true })
  directory.write('data/dlq/hook/2026-11-23T110000000Z-41.ndjson', [41, 42, 43].map(letter).join(''))

  const time = '2026-11-23T11:00:00.000Z'
  expect(await affiant(['dlq', 'list', '-c', config])).toMatchObject({
    code: 0,
    stdout: `sink  events  first                     last                      reason\nhook       3  ${time}  ${time}  HTTP 400\n`,
  })
  const some = ['dlq', 'show', 'hook', '--from', '42', '--to', '42', '-c', config]
  expect(await affiant(some)).toEqual({ code: 0, stdout: letter(42), stderr: '' })
  expect(await affiant([...some, '--events'])).toEqual({ code: 0, stdout: `${sent(42)}\n`, stderr: '' })
  expect(await affiant(['dlq', 'show', 'hoook', '-c', config])).toEqual({
    code: 66,
    stdout: '',
    stderr: `affiant: sink hoook has no dead letters in ${directory.at('data')}\n  sinks that have, or had: hook\n`,
  })
  expect(await affiant(['dlq', 'show', 'hook', '--from', 'x', '-c', config])).toMatchObject({ code: 64 })
})

/** Another Node on this machine, older than what is needed. */
function olderNode(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'node'))
  return ['/usr/bin/node', '/usr/local/bin/node', ...candidates].find((path) => {
    if (!existsSync(path)) return false
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' })
    return Number(/^v(\d+)/.exec(version)?.[1]) < 24
  })
}

test('an older Node is told what is needed', ({ skip }) => {
  const node = olderNode()
  if (node === undefined) return skip('there is no older Node on this machine')
  const script = `"${node}" "${join(root, 'bin/affiant.js')}" --version 2>&1; echo "exit $?"`
  const { NODE_OPTIONS: _, ...env } = process.env
  expect(execFileSync('bash', ['-c', script], { encoding: 'utf8', env })).toMatch(
    /^affiant: needs Node 24 or newer, this is v\d+\.\S+ In a checkout, `npx affiant`.*\nexit 72\n$/,
  )
})
