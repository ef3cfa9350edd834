// The journal's commands as they are typed, with an encrypted journal: where keys come from, and where they never go.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseKey } from '../../src/journal/key-ring.ts'
import { AffiantProcess, configure, WorkDirectory } from '../e2e/agent-process.ts'

async function affiant(args: readonly string[]) {
  await using running = new AffiantProcess(args)
  return await running.result()
}

test('keys come from the configuration or from --key-file, and are never said', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  const key = randomBytes(32).toString('hex')
  const keyFile = directory.write('journal.key', `${key}\n`)
  directory.write('app.log', '{"ts":"2026-11-23T12:00:00Z","user":"u_42","event":"invoice.approve"}\n')
  const config = configure(directory, {
    journal: { compression: 'zstd', encryption: { keys: [`\${file:${keyFile}}`] } },
  })
  const data = directory.at('data')
  const ran = await affiant(['run', '--once', '-c', config])
  const outcomes = await Promise.all([
    affiant(['journal', 'verify', '-c', config]),
    affiant(['journal', 'export', '--data-dir', data, '--key-file', keyFile]),
    affiant(['journal', 'salvage', '--data-dir', data, '--key-file', keyFile, '--to', '-']),
    affiant(['journal', 'inspect', '--data-dir', data]),
    affiant(['journal', 'verify', '--data-dir', data, '--key-file', config]),
  ])
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 78, 64])
  const [verified, exported, salvaged, refused, noKey] = outcomes
  expect(verified?.stdout).toContain('no damage')
  expect(exported?.stdout).toBe(readFileSync(directory.at('out.ndjson'), 'utf8'))
  expect(salvaged?.stdout).toBe(exported?.stdout)
  expect(refused?.stderr).toContain(`is encrypted with key ${parseKey(key).id}, which is not given`)
  expect(noKey?.stderr).toContain('expected a key of 32 bytes')
  expect(noKey?.stderr).not.toContain('data_dir')

  const short = configure(directory, { journal: { encryption: { keys: [key.slice(1)] } } })
  const invalid = await affiant(['validate', '-c', short])
  expect(invalid).toMatchObject({ code: 78, stderr: expect.stringContaining('journal.encryption.keys[0]') })
  for (const { stdout, stderr } of [ran, ...outcomes, invalid]) {
    expect(stdout + stderr).not.toContain(key.slice(1))
    expect(stdout + stderr).not.toContain(Buffer.from(key, 'hex').toString('base64'))
  }
})
