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

/** Where a part of a text stands, as problems say it. */
function placeIn(text: string, part: string): string {
  const before = text.slice(0, text.indexOf(part)).split('\n')
  return `${before.length}:${before.at(-1)!.length + 1}`
}

test('files of enrichers are tried with all the rest, unless no environment is wanted', async () => {
  const table = join(folder, 'users.csv')
  const networks = join(folder, 'networks.csv')
  const config = join(folder, 'affiant.yaml')
  const none = join(folder, 'none.yaml')
  const set = '{ actor.email: email }'
  await writeFile(table, 'id,email\nu1,a@x\nu1,b@x\nu2,c@x\nu2,d@x\n')
  const wrong = Array.from({ length: 7 }, (_, i) => `net${i},a@x\n`)
  await writeFile(networks, `network,email\n10.0.0.0/8,b@x\n${wrong.join('')}`)
  const text = `receivers:
  app:
    type: file
    include: [a.log]
    enrich:
      - static: { severity: 9 }
      - lookup: { file: ${table}, key: actor.id, set: ${set} }
sinks: { out: { type: stdout, nonsense: 1 } }
attribution:
  enrich:
    - lookup: { key: source.ip, match: longest_prefix, set: ${set}, file: ${networks} }
    - geoip: { file: ${config} }
    - jwt: { token: unmapped.token, jwks: ${folder} }
    - lookup: { file: x.yaml, key: actor.idd, set: ${set} }
    - lookup: { file: ${none}, key: actor.id, set: ${set} }
`
  await writeFile(config, text)
  const noNetworks = wrong
    .slice(0, 5)
    .map((_, i) => `line ${i + 3}: "net${i}" is no address or network such as 10.0.0.0/8; `)
    .join('')
  const told = (part: string, message: string) => `${config}:${placeIn(text, part)}  ${message}`
  const unknownKey = told('nonsense', 'sinks.out.nonsense: unknown key. Allowed: type, ')
  const member = told(
    'actor.idd',
    'attribution.enrich[3].lookup.key: "actor.idd" is no member of an event that holds one value. Did you mean actor.id?',
  )

  const { code, out, err } = await validate([config])
  expect({ code, out }).toEqual({ code: 78, out: '' })
  expect(err.split('\n')).toEqual([
    told(
      table,
      `receivers.app.enrich[1].lookup.file: ${table}: line 3: the key "u1" is there already; line 5: the key "u2" is there already`,
    ),
    expect.stringContaining(unknownKey),
    told(networks, `attribution.enrich[0].lookup.file: ${networks}: ${noNetworks}and 2 more`),
    told(
      `${config} }`,
      `attribution.enrich[1].geoip.file: ${config}: is no database in MaxMind DB format, or is cut short`,
    ),
    told(`${folder} }`, `attribution.enrich[2].jwt.jwks: ${folder}: is a directory`),
    member,
    told(none, `attribution.enrich[4].lookup.file: ${none} cannot be read: there is no such file`),
    '7 errors',
    '',
  ])
  const without = await validate([config], false)
  expect(without.err.split('\n')).toEqual([expect.stringContaining(unknownKey), member, '2 errors', ''])
})

test('a configuration whose only fault is in a file of an enricher is valid without it', async () => {
  const config = join(folder, 'affiant.yaml')
  const text = `receivers: { app: { type: file, include: [a.log], enrich: [{ geoip: { file: none.mmdb } }] } }
sinks: { out: { type: stdout } }
`
  await writeFile(config, text)
  expect(await validate([config])).toMatchObject({
    code: 78,
    err: `${config}:${placeIn(text, 'none.mmdb')}  receivers.app.enrich[0].geoip.file: none.mmdb cannot be read: there is no such file\n1 error\n`,
  })
  expect((await validate([config], false)).code).toBe(0)
})

const enriching = (redact: string, enrich: string, own = '') =>
  [
    `receivers: { app: { type: file, include: [a.log], ${own} enrich: [${enrich}] } }`,
    'sinks: { out: { type: stdout } }',
    `redact: [${redact}]`,
  ].join('\n')

test.each([
  [
    '{ key: [authorization] }',
    '{ jwt: { token: unmapped.headers.authorization } }',
    'jwt.token',
    'redact[0] (`key: authorization`)',
  ],
  [
    '{ key: [x] }, { key: [y, Headers], method: hash }',
    '{ jwt: { token: unmapped.headers.authorization } }',
    'jwt.token',
    'redact[1] (`key: Headers`)',
  ],
  [
    '{ key: [claims], method: mask }',
    '{ jwt: { claims: unmapped.claims } }',
    'jwt.claims',
    'redact[0] (`key: claims`)',
  ],
  [
    '{ key: [badge] }',
    '{ user_agent: { key: metadata.door.badge } }',
    'user_agent.key',
    'redact[0] (`key: badge`)',
  ],
  [
    '{ key: [ip] }',
    '{ geoip: { file: none.mmdb, key: unmapped.net.ip } }',
    'geoip.key',
    'redact[0] (`key: ip`)',
  ],
])('a rule that leaves an enricher nothing is warned of: %s', async (redact, enrich, at, rule) => {
  const file = join(folder, 'a.yaml')
  await writeFile(file, enriching(redact, enrich))
  const { code, err } = await validate([file], false)
  expect(code).toBe(0)
  expect(err).toContain(`warning: receivers.app.enrich[0].${at}: `)
  expect(err).toContain(`is never there: ${rule} takes it out`)
})

test('rules of a receiver are looked at for its own enrichers', async () => {
  const file = join(folder, 'a.yaml')
  await writeFile(file, enriching('', '{ jwt: { token: unmapped.auth } }', 'redact: [{ key: auth }],'))
  expect((await validate([file], false)).err).toContain('receivers.app.redact[0] (`key: auth`) takes it out')
})

test.each([
  // A table of hashes, a rule for what comes after, one with a condition, another name.
  ['{ key: [badge], method: hash }', '{ user_agent: { key: unmapped.badge } }'],
  ['{ path: unmapped.auth }', '{ jwt: { token: unmapped.auth } }'],
  ['{ key: [auth], when: "true" }', '{ jwt: { token: unmapped.auth } }'],
  ['{ key: [auth] }', '{ jwt: { token: unmapped.authorization } }'],
  ['{ key: [door] }', '{ user_agent: { key: metadata.door } }'],
])('and others are not: %s', async (redact, enrich) => {
  const file = join(folder, 'a.yaml')
  await writeFile(file, enriching(redact, enrich))
  expect((await validate([file], false)).err).not.toContain('is never there')
})
