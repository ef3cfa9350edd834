import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { wholeConfig } from '../../src/agent/config.ts'
import { findHashKeys, openHashKeys } from '../../src/agent/hash-keys.ts'

const agentConfig = await wholeConfig()

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'affiant-hash-keys-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const config = (more: object = {}) =>
  agentConfig.parse({
    agent: { id: 'a', data_dir: dataDir },
    receivers: { app: { type: 'file', include: ['a.log'] } },
    sinks: { out: { type: 'stdout' } },
    ...more,
  })

test('a key is made once, for the owner alone, and is the same ever after', async () => {
  const [made] = await openHashKeys(config())
  const path = join(dataDir, 'hash.key')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readFile(path, 'utf8')).toBe(`${made!.secret}\n`)
  expect(await openHashKeys(config())).toEqual([made])
  expect(findHashKeys(config())).toEqual([made])
})

test('keys of the configuration come first, and then none is made', async () => {
  const keys = [
    { id: 'new', secret: 'ab'.repeat(32) },
    { id: 'old', secret: 'cd'.repeat(32) },
  ]
  expect(await openHashKeys(config({ hash_keys: keys }))).toEqual(keys)
  await expect(stat(join(dataDir, 'hash.key'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('looking makes no file; a file that is no key is an error that says what to do', async () => {
  expect(findHashKeys(config())).toEqual([])
  await expect(stat(join(dataDir, 'hash.key'))).rejects.toMatchObject({ code: 'ENOENT' })
  await writeFile(join(dataDir, 'hash.key'), 'ab')
  await expect(openHashKeys(config())).rejects.toMatchObject({
    code: 'data_dir_unusable',
    message: expect.stringContaining('hash.key is no key of 64 hex digits'),
    hint: expect.stringContaining('put back'),
  })
})
