import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findConfig } from '../../src/config/find.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affiant-find-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('the environment comes first, then the working directory, then its quick start', async () => {
  await mkdir(join(folder, 'config'))
  await writeFile(join(folder, 'config/quickstart.yaml'), '')
  expect(await findConfig(folder, {})).toBe('config/quickstart.yaml')
  await writeFile(join(folder, 'affiant.yaml'), '')
  expect(await findConfig(folder, { AFFIANT_CONFIG: '' })).toBe('affiant.yaml')
  expect(await findConfig(folder, { AFFIANT_CONFIG: '/x/y.yaml' })).toBe('/x/y.yaml')
})

test('finding none names all that was tried', async () => {
  await expect(findConfig(folder, {})).rejects.toMatchObject({
    code: 'config_unreadable',
    message: 'no configuration: tried affiant.yaml, config/quickstart.yaml, /etc/affiant/affiant.yaml',
    hint: 'name one with --config FILE or AFFIANT_CONFIG',
  })
})
