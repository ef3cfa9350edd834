import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { enrichConfig } from '../../../src/attribution/enrich/config.ts'
import { type LookupSpec, lookupEnricher } from '../../../src/attribution/enrich/lookup.ts'
import { tableFormat } from '../../../src/attribution/enrich/table.ts'
import { WatchedFiles } from '../../../src/attribution/enrich/watched-file.ts'
import { canonicalize } from '../../../src/event/canonical.ts'
import { mapOne } from '../../normalise/normalising.ts'
import { scratchDirectory } from '../../scratch-directory.ts'

const directory = scratchDirectory('lookup')

function file(name: string, text: string | Buffer): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const users = { 'actor.email': 'email', 'actor.groups': 'groups' }

function lookup(path: string, more: Partial<LookupSpec> = {}, files = new WatchedFiles()) {
  const enricher = lookupEnricher(
    {
      file: path,
      format: tableFormat(path)!,
      key: 'actor.id',
      match: 'exact',
      ignore_case: false,
      set: users,
      separator: ';',
      max_size: 1024,
      ...more,
    },
    files,
  )
  return {
    enricher,
    find: (text: string) =>
      Object.fromEntries(enricher.additionsFor(text).map(({ member, value }) => [member, value])),
  }
}

const csv = '\ufeffuser,email,groups\nu1,u1@x,"ops; dev"\nu2,,ops\n'

test('CSV: the first column is the key, an empty one says nothing, lists are parted', () => {
  const { find } = lookup(file('users.csv', csv))
  expect(find('u1')).toEqual({ 'actor.email': 'u1@x', 'actor.groups': ['ops', 'dev'] })
  expect(find('u2')).toEqual({ 'actor.groups': ['ops'] })
  expect(find('u3')).toEqual({})
  expect(find('U1')).toEqual({})
  expect(lookup(join(directory, 'users.csv'), { ignore_case: true }).find('U1')['actor.email']).toBe('u1@x')
})

test('another column can be the key', () => {
  const { find } = lookup(join(directory, 'users.csv'), { column: 'email', set: { 'actor.id': 'user' } })
  expect(find('u1@x')).toEqual({ 'actor.id': 'u1' })
})

test('JSON and YAML: an object of rows, or a list of them', () => {
  const rows = { u1: { email: 'u1@x', groups: ['ops', 7], more: null } }
  const expected = { 'actor.email': 'u1@x', 'actor.groups': ['ops', '7'] }
  expect(lookup(file('map.json', JSON.stringify(rows))).find('u1')).toEqual(expected)
  expect(lookup(file('list.json', JSON.stringify([{ id: 'u1', ...rows.u1 }]))).find('u1')).toEqual(expected)
  expect(lookup(file('map.yaml', 'u1: { email: u1@x, groups: [ops, 7] }\n')).find('u1')).toEqual(expected)
  expect(
    lookup(file('list.yml', '- { id: 1, email: u1@x, groups: null }\n'), {
      set: { 'actor.email': 'email' },
    }).find('1'),
  ).toEqual({ 'actor.email': 'u1@x' })
})

const digits = { set: { 'actor.tenant': 'acct', 'metadata.version': 'v' } }

test('ids of JSON are the digits that were written', () => {
  const rows =
    '[{"id":9007199254740993,"acct":9007199254740995,"v":1.10},{"id":1e3,"acct":-0},{"id":7,"v":7}]'
  const { find } = lookup(file('digits.json', rows), digits)
  expect(find('9007199254740993')).toEqual({
    'actor.tenant': '9007199254740995',
    'metadata.version': '1.10',
  })
  expect(find('1e3')).toEqual({ 'actor.tenant': '-0' })
  expect(find('7')).toEqual({ 'metadata.version': 7 })
  for (const other of ['9007199254740992', '1000']) expect(find(other)).toEqual({})
})

test.each([
  [
    'list',
    '- { id: 012345678901, acct: 1_0 }\n- { id: 1e3, acct: 0x1F }\n- { id: 0o7, acct: 9007199254740993 }\n',
  ],
  ['map', '012345678901: { acct: 1_0 }\n1e3: { acct: 0x1F }\n0o7: { acct: 9007199254740993 }\n'],
  [
    'old',
    '%YAML 1.1\n---\n- { id: 012345678901, acct: "1_0" }\n- { id: 1e3, acct: 0x1F }\n- { id: 0o7, acct: 9007199254740993 }\n',
  ],
])('ids of YAML are the digits that were written: %s', (name, text) => {
  const { find } = lookup(file(`digits-${name}.yaml`, text), { set: { 'actor.tenant': 'acct' } })
  expect(find('012345678901')).toEqual({ 'actor.tenant': '1_0' })
  expect(find('1e3')).toEqual({ 'actor.tenant': '0x1F' })
  expect(find('0o7')).toEqual({ 'actor.tenant': '9007199254740993' })
  for (const other of ['12345678901', '1000', '7']) expect(find(other)).toEqual({})
})

test('metadata takes objects and lists of them, in canonical order; null and empty text in them are absent', () => {
  const obj = { b: [{ z: 1, a: null, c: [true] }], a: 'x', '10': '' }
  const path = file('objects.json', JSON.stringify({ u1: { obj } }))
  const enrich = enrichConfig.parse([
    { lookup: { file: path, key: 'actor.id', set: { 'metadata.obj': 'obj' } } },
  ])
  const event = mapOne({ preset: 'json' }, { user: 'u1', event: 'x' }, { enrich })
  expect(event).toMatchObject({ metadata: { obj: { a: 'x', b: [{ c: [true], z: 1 }] } } })
  expect(canonicalize(event)).toBe(JSON.stringify(event))
})

test('addresses are found by the smallest network they lie in', () => {
  const path = file('sites.csv', 'network,site\n10.0.0.0/8,office\n10.2.0.0/16,lab\n')
  const { find } = lookup(path, {
    key: 'source.ip',
    match: 'longest_prefix',
    set: { 'metadata.site': 'site' },
  })
  expect(find('10.2.3.4')).toEqual({ 'metadata.site': 'lab' })
  expect(find('10.3.3.4')).toEqual({ 'metadata.site': 'office' })
})

test.each([
  [
    'double.csv',
    'user,email,groups\nu1,a,b\nu1,c,d\n',
    {},
    /double\.csv: line 3: the key "u1" is there already$/,
  ],
  ['columns.csv', 'user,mail\nu1,a\n', {}, /columns\.csv: has no column "email"; it has user, mail$/],
  ['ragged.csv', 'user,email,groups\nu1,a\n', {}, /ragged\.csv: Invalid Record Length.*line 2/],
  ['key.json', '[{"id":{},"email":"a"}]', {}, /key\.json: row 1: "id" holds the key, and is no text$/],
  ['empty.csv', '', {}, /empty\.csv: has no header/],
  [
    'type.csv',
    'user,type\nu1,robot\n',
    { set: { 'actor.type': 'type' } },
    /type\.csv: line 2: "robot" in column "type" is no actor\.type$/,
  ],
  [
    'net.csv',
    'net,site\n10.0.0.0/8,a\nhost,b\n',
    { key: 'source.ip', match: 'longest_prefix', set: { 'metadata.site': 'site' } },
    /line 3: "host" is no address or network/,
  ],
  ['bad.json', '{"u1": 7}', {}, /bad\.json: "u1": is no object with a member for each column$/],
  [
    'numbers.json',
    '{"u1":{"obj":{"9":1,"10":2}}}',
    { set: { 'metadata.obj': 'obj' } },
    /numbers\.json: "u1": \{"9":1,"10":2\} in column "obj" is no metadata\.obj: it takes text, numbers, .* no two names are numbers$/,
  ],
  ['syntax.json', '{"u1": ', {}, /syntax\.json: .*JSON/],
  ['syntax.yaml', 'a: [', {}, /syntax\.yaml: .*line 1/],
  ['latin.csv', Buffer.from([0x61, 0xff, 0x0a]), {}, /latin\.csv: .*(utf-8|UTF-8)/],
  [
    'large.csv',
    `user,email,groups\n${'x'.repeat(2000)},a,b\n`,
    {},
    /large\.csv: has 2023 bytes, more than the limit of 1024/,
  ],
] as const)('%s is refused with its place', (name, text, more, message) => {
  const path = file(name, text as string | Buffer)
  expect(() => lookup(path, more)).toThrow(message)
})

test('a file that is not there is named', () => {
  expect(() => lookup(join(directory, 'none.csv'))).toThrow(
    /none\.csv cannot be read: there is no such file$/,
  )
})

test('a changed file is loaded; a broken one leaves the table as it was, and is told once', async () => {
  const files = new WatchedFiles()
  const path = file('changing.csv', 'user,email,groups\nu1,a@x,\n')
  const { find, enricher } = lookup(path, {}, files)
  expect(await files.look()).toEqual([])

  renameSync(file('new.csv', 'user,email,groups\nu1,b@x,\n'), path)
  const [news] = await files.look()
  expect(news).toMatchObject({ path, problem: undefined })
  expect(find('u1')).toEqual({ 'actor.email': 'b@x' })
  expect(enricher.version).toBe(1)

  renameSync(file('new.csv', 'user,email\nu1,c@x\n'), path)
  expect((await files.look())[0]?.problem).toMatch(/has no column "groups"/)
  expect(await files.look()).toEqual([])
  expect(find('u1')).toEqual({ 'actor.email': 'b@x' })
  expect(enricher.version).toBe(1)

  renameSync(file('new.csv', 'user,email,groups\nu1,d@x,\n'), path)
  expect((await files.look())[0]?.problem).toBeUndefined()
  expect(find('u1')).toEqual({ 'actor.email': 'd@x' })
})

test('files are looked at by time, also those that are opened later', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const files = new WatchedFiles()
  const told: unknown[] = []
  const watch = files.watch(5_000, (news) => told.push(news))
  const path = file('watched.csv', 'user,email,groups\nu1,a@x,\n')
  const { find } = lookup(path, {}, files)
  renameSync(file('new.csv', 'user,email,groups\nu1,b@x,\n'), path)
  vi.advanceTimersByTime(5_000)
  // The look that is under way.
  await files.look()
  expect(find('u1')).toEqual({ 'actor.email': 'b@x' })
  expect(told).toMatchObject([{ path, problem: undefined }])
  watch[Symbol.dispose]()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('a table that two use is loaded once', () => {
  const files = new WatchedFiles()
  const path = file('shared.csv', csv)
  lookup(path, {}, files)
  lookup(path, {}, files)
  expect(files.loaded).toHaveLength(1)
})

test('the type of an actor, where the mapping does not conclude it from the name of a field', () => {
  const path = file('machines.csv', 'id,type\nci,service\n')
  const enrich = enrichConfig.parse([
    { lookup: { file: path, key: 'actor.id', set: { 'actor.type': 'type' } } },
  ])
  const of = (mapping: object) => mapOne(mapping, { user: 'ci', event: 'build.start' }, { enrich })
  expect(of({ preset: 'json' })).toMatchObject({
    actor: { id: 'ci', type: 'user' },
    attribution: { conflicts: ['actor.type'] },
  })
  expect(of({ extends: 'json', 'actor.type': 'actor_type' })).toMatchObject({
    actor: { id: 'ci', type: 'service' },
    attribution: { enriched: ['actor.type'] },
  })
})
