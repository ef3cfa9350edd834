// PostgreSQL's log in its three formats, and what is pgAudit's in it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDecoder } from '../../../../src/normalise/decode/decoders.ts'
import { forged } from '../../../../src/normalise/decode/postgres/entry.ts'
import { seed } from '../../../seed.ts'

type Options = Readonly<Record<string, unknown>>

function decode(name: string, text: string, options: Options = {}) {
  const result = createDecoder({ name, options }).decode(text)
  if (!result.ok) throw new Error(result.reason)
  return result as typeof result & { readonly value: Readonly<Record<string, unknown>> }
}

const csv = (message: string, { context = '', statement = '', severity = 'LOG', tail = '"psql"' } = {}) =>
  `2026-11-23 10:00:00.123 UTC,"ann","shop",4711,"192.0.2.7:51000",65.1,7,"SELECT",2026-11-23 09:59:00 UTC,3/12,0,${severity},00000,${message},,,,,${context},${statement},,,${tail}`
const audit = (rest: string) => `"AUDIT: ${rest.replaceAll('"', '""')}"`

describe('csvlog', () => {
  test.each([
    ['12', '"psql"', {}],
    ['13', '"psql","client backend"', { backend_type: 'client backend' }],
    ['14 and later', '"psql","client backend",17,42', { leader_pid: '17', query_id: '42' }],
  ])('of version %s', (_, tail, more) => {
    const { value, warnings } = decode('postgres_csv', csv('"hello"', { tail }))
    expect(warnings).toEqual([])
    expect(value).toMatchObject({
      timestamp: '2026-11-23 10:00:00.123 UTC',
      user: 'ann',
      dbname: 'shop',
      remote_host: '192.0.2.7',
      remote_port: '51000',
      session_id: '65.1',
      error_severity: 'LOG',
      message: 'hello',
      application_name: 'psql',
      ...more,
    })
  })

  test('of a version to come', () => {
    const { value, warnings } = decode('postgres_csv', csv('"hello"', { tail: '"psql","b",1,2,new' }))
    expect(value.extra).toEqual(['new'])
    expect(warnings).toEqual(['csvlog: 27 columns where 26 are known'])
  })

  test.each([
    ['[local]', { remote_host: '[local]' }],
    ['2001:db8::7:51000', { remote_host: '2001:db8::7', remote_port: '51000' }],
  ])('from %s', (from, expected) => {
    expect(decode('postgres_csv', csv('"x"').replace('192.0.2.7:51000', from)).value).toMatchObject(expected)
  })

  test('what is none', () => {
    const { decode: read } = createDecoder({ name: 'postgres_csv', options: {} })
    expect(read('a,b')).toEqual({
      ok: false,
      reason: 'csvlog: 2 columns where PostgreSQL writes at least 23',
    })
    expect(read('a,"b')).toMatchObject({ ok: false })
  })
})

describe('entries of pgAudit', () => {
  test.each<[string, string, Record<string, string>]>([
    [
      'plain',
      'SESSION,3,1,READ,SELECT,,,select 1,<not logged>',
      {
        type: 'SESSION',
        statement_id: '3',
        substatement_id: '1',
        class: 'READ',
        command: 'SELECT',
        statement: 'select 1',
        parameter: '<not logged>',
      },
    ],
    [
      'with quotes, commas and newlines',
      'OBJECT,1,2,WRITE,INSERT,TABLE,public.t,"insert into t\nvalues (\'a,""b""\')","1,""two"""',
      {
        type: 'OBJECT',
        statement_id: '1',
        substatement_id: '2',
        class: 'WRITE',
        command: 'INSERT',
        object_type: 'TABLE',
        object_name: 'public.t',
        statement: 'insert into t\nvalues (\'a,"b"\')',
        parameter: '1,"two"',
      },
    ],
    [
      'with rows',
      'SESSION,1,1,WRITE,DELETE,TABLE,t,delete from t,<none>,12',
      {
        type: 'SESSION',
        statement_id: '1',
        substatement_id: '1',
        class: 'WRITE',
        command: 'DELETE',
        object_type: 'TABLE',
        object_name: 't',
        statement: 'delete from t',
        rows: '12',
      },
    ],
  ])('%s', (_, rest, expected) => {
    const { value, warnings, partial } = decode('postgres_csv', csv(audit(rest)))
    expect(value.audit).toEqual(expected)
    expect(value).not.toHaveProperty('message')
    expect([warnings, partial]).toEqual([[], undefined])
  })

  test('one that is cut off', () => {
    const line = 'NOTICE:  AUDIT: SESSION,1,1,READ,SELECT,,,"select'
    const { value, warnings, partial } = decode('postgres_stderr', line)
    expect(value.audit).toMatchObject({ class: 'READ', statement: 'select' })
    expect([warnings, partial]).toEqual([['the audit entry is cut off'], true])
  })

  const entry = audit('SESSION,1,1,READ,SELECT,,,select 1,<none>')
  test.each([
    ['a function raised', csv(entry, { context: '"PL/pgSQL function f() line 1 at RAISE"' })],
    ['a client raised', csv(entry, { statement: '"do $$ … $$"' })],
    ['an error is', csv(entry, { severity: 'ERROR' })],
  ])('what %s is none', (_, line) => {
    const { value, warnings } = decode('postgres_csv', line)
    expect(value).not.toHaveProperty('audit')
    expect(value.message).toMatch(/^AUDIT: /)
    expect(warnings).toEqual([forged])
  })

  test.each([
    'AUDIT: hello',
    'AUDIT: SESSION,x,1,READ,SELECT,,,s,<none>',
    'AUDIT: SESSION,1,1,OTHER,X,,,s,<none>',
    ' AUDIT: SESSION,1,1,READ,X,,,s,',
  ])('nor is %s', (message) => {
    const { value, warnings } = decode('postgres_csv', csv(`"${message}"`))
    expect(value.message).toBe(message)
    expect(warnings).toEqual([])
  })
})

describe('stderr', () => {
  const message = 'LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>'
  test.each<[string, string, Record<string, string>]>([
    [
      '%m [%p] ',
      '2026-11-23 10:00:00.123 UTC [4711] ',
      { timestamp: '2026-11-23 10:00:00.123 UTC', pid: '4711' },
    ],
    ['%m [%p] %q%u@%d ', '2026-11-23 10:00:00.123 UTC [4711] ann@shop ', { user: 'ann', dbname: 'shop' }],
    ['%m [%p] %q%u@%d ', '2026-11-23 10:00:00.123 UTC [4711] ', { pid: '4711' }],
    ['%m [%p] %q%u@%d ', '2026-11-23 10:00:00.123 UTC [4711] [unknown]@my shop ', { dbname: 'my shop' }],
    [
      '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
      '2026-11-23 10:00:00 CET [1]: [3-1] user=ann,db=shop,app=psql,client=192.0.2.7 ',
      {
        timestamp: '2026-11-23 10:00:00',
        log_timezone: 'CET',
        application_name: 'psql',
        remote_host: '192.0.2.7',
      },
    ],
    [
      '%t:%r:%u@%d:[%p]:',
      '2026-11-23 10:00:00 UTC:192.0.2.7(51000):ann@shop:[4711]:',
      { remote_host: '192.0.2.7', remote_port: '51000', user: 'ann' },
    ],
    [
      '%n %c/%l %e %v %x %b%% ',
      '1795000000.123 65.1f/3 00000 3/12 7 client backend% ',
      { timestamp: '1795000000.123', session_id: '65.1f', backend_type: 'client backend' },
    ],
    ['%-10u|%5p ', 'ann       |   47 ', { user: 'ann', pid: '47' }],
    ['', '', {}],
  ])('%s', (log_line_prefix, text, expected) => {
    const { value } = decode('postgres_stderr', `${text}${message}`, { log_line_prefix })
    expect(value).toMatchObject({ ...expected, error_severity: 'LOG', audit: { class: 'READ' } })
    expect(value).not.toHaveProperty('message')
  })

  test('what belongs to a message, and lines that a tab begins', () => {
    const prefix = '2026-11-23 10:00:00.123 UTC [4711] '
    const { value } = decode(
      'postgres_stderr',
      [
        `${prefix}ERROR:  duplicate key`,
        '\tof orders',
        `${prefix}DETAIL:  Key (id)=(7)`,
        `${prefix}STATEMENT:  insert`,
        '\tinto orders',
      ].join('\n'),
    )
    expect(value).toMatchObject({
      message: 'duplicate key\nof orders',
      detail: 'Key (id)=(7)',
      statement: 'insert\ninto orders',
    })
  })

  test.each([
    [{ log_line_prefix: '%m %y ' }, '`log_line_prefix` has %y, which PostgreSQL has not'],
    [
      { log_line_prefix: '%u%d ' },
      '`log_line_prefix` has nothing that tells where a name or a text in it ends',
    ],
    [{ log_line_prefix: '%m %' }, '`log_line_prefix` has a % that stands for nothing'],
    [{ log_line_prefix: 7 }, '`log_line_prefix` is a text, or a list of texts: as in postgresql.conf'],
    [{ prefix: '' }, 'this decoder has no option "prefix"; it takes log_line_prefix'],
  ])('%j is wrong', (options, problem) => {
    expect(() => createDecoder({ name: 'postgres_stderr', options })).toThrow(problem)
  })
})

test(`whatever the text: an answer, in time (seed ${seed})`, () => {
  const names = ['postgres_csv', 'postgres_json', 'postgres_stderr'].map((name) =>
    createDecoder({ name, options: {} }),
  )
  const piece = fc.constantFrom(
    'AUDIT: SESSION,1,1,READ,SELECT,',
    '"',
    ',',
    'LOG:  ',
    'DETAIL:  ',
    '\n',
    '\t',
    '2026-11-23 10:00:00.123 UTC [1] ',
    'a@b ',
    '{"message":"AUDIT: "}',
    'é',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, (some) => {
      for (const { decode: read } of names) JSON.stringify(read(some))
    }),
    { seed, numRuns: 300 },
  )
  const long = ['"', ':  ', 'LOG:  ', ' LOG:  a@', '",'].map((part) => part.repeat(300_000))
  const start = performance.now()
  for (const { decode: read } of names) for (const some of long) read(some)
  expect(performance.now() - start).toBeLessThan(4_000)
})
