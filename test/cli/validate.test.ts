import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { validateCommand } from '../../src/cli/validate.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affiant-validate-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function validate(paths: string[], environment = true) {
  let out = ''
  let err = ''
  const code = await validateCommand({
    paths,
    environment,
    env: {},
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  })
  return { code, out, err }
}

test('a valid configuration exits 0 and says so', async () => {
  expect(await validate(['config/quickstart.yaml'])).toEqual({
    code: 0,
    out: 'config/quickstart.yaml: valid\n',
    err: '',
  })
})

test('a missing secret is an error, unless no environment is wanted', async () => {
  const { code, out, err } = await validate(['config/minimal.yaml'])
  expect({ code, out }).toEqual({ code: 78, out: '' })
  expect(err).toMatch(
    /^config\/minimal\.yaml:\d+:\d+ {2}sinks\.hook\.auth\.bearer: the file \/run\/secrets\/collector-token cannot be read: there is no such file\n1 error\n$/,
  )
  expect(await validate(['config/minimal.yaml'], false)).toMatchObject({ code: 0, err: '' })
})

test('warnings are shown, and do not fail', async () => {
  const file = join(folder, 'a.yaml')
  await writeFile(
    file,
    [
      'receivers: { app: { type: file, include: [a.log] } }',
      'sinks: { out: { type: stdout }, other: { type: stdout } }',
      'routes: [{ to: out }]',
    ].join('\n'),
  )
  expect(await validate([file])).toEqual({
    code: 0,
    out: `${file}: valid\n`,
    err: `${file}:2:33  warning: sinks.other: no route leads here, so it gets nothing\n1 warning\n`,
  })
})

test('a file that is not there exits 66', async () => {
  expect(await validate(['nowhere.yaml'])).toEqual({
    code: 66,
    out: '',
    err: 'nowhere.yaml: there is no such file or directory\n',
  })
})

test('several files are checked as the one configuration that they are', async () => {
  await writeFile(join(folder, '1.yaml'), 'receivers: { app: { type: file, include: [a.log] } }\n')
  await writeFile(join(folder, '2.yaml'), 'sinks: { out: { type: stdout } }\n')
  expect(await validate([folder])).toMatchObject({ code: 0 })
  expect(await validate([join(folder, '2.yaml')])).toMatchObject({ code: 78 })
})

test('files of enrichers are tried, unless no environment is wanted', async () => {
  const table = join(folder, 'users.csv')
  const config = join(folder, 'affiant.yaml')
  const lookup = `{ lookup: { file: ${table}, key: actor.id, set: { actor.email: email } } }`
  await writeFile(table, 'id,email\nu1,a@x\nu1,b@x\n')
  await writeFile(
    config,
    `receivers: { app: { type: file, include: [a.log], enrich: [{ static: { severity: 9 } }, ${lookup}] } }
sinks: { out: { type: stdout } }
`,
  )
  expect(await validate([config])).toEqual({
    code: 78,
    out: '',
    err: `receivers.app.enrich[1]: ${table}: line 3: the key "u1" is there already\n`,
  })
  expect((await validate([config], false)).code).toBe(0)
  await rm(table)
  expect((await validate([config])).err).toBe(`receivers.app.enrich[1]: ${table} cannot be read (ENOENT)\n`)
})
