// What is found in a line's bytes is what its decoder makes of it: whatever the line.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineMakers } from '../../../bench/normalise/lines/index.ts'
import { makeLot } from '../../../bench/normalise/lot.ts'
import { readMapping } from '../../../src/normalise/compile-spec.ts'
import type { Decode } from '../../../src/normalise/decode/decoder.ts'
import { createDecoder } from '../../../src/normalise/decode/decoders.ts'
import type { FieldFinder } from '../../../src/normalise/decode/field-finder.ts'
import { decodeJson } from '../../../src/normalise/decode/json.ts'
import { createExpander } from '../../../src/normalise/expand.ts'
import { ExpandedFields } from '../../../src/normalise/stencil/expanded-fields.ts'
import { full } from '../../seed.ts'

const runs = full ? 20_000 : 1_500

const linesOf = (maker: string) =>
  makeLot(lineMakers[maker]!, 20_000).chunks.flatMap(({ bytes }) =>
    Buffer.from(bytes).toString().trimEnd().split('\n'),
  )

interface Format {
  readonly lines: readonly string[]
  readonly finder: FieldFinder
  /** Undefined for what is not read, or has something to be said of it. */
  readonly read: (line: string) => unknown
}

const readerOf = (decode: Decode) => (line: string) => {
  const result = decode(line)
  return result.ok && result.warnings.length === 0 && !result.partial ? result.value : undefined
}

function decoded(name: string, lines: readonly string[]): Format {
  const { decode, fields } = createDecoder({ name, options: {} })
  return { lines, finder: fields!(), read: readerOf(decode) }
}

function expanded(expand: readonly object[], lines: readonly string[]): Format {
  const mapping = readMapping({ inline: { name: 'test', time: 'time', expand } })
  const expander = createExpander(mapping.expand, () => false)!
  const read = readerOf(decodeJson)
  return {
    lines,
    finder: ExpandedFields.for(mapping)!,
    read: (line) => {
      const record = read(line)
      if (record === undefined || Array.isArray(record)) return undefined
      const { record: value, warnings } = expander(record as Readonly<Record<string, unknown>>)
      return warnings.length === 0 ? value : undefined
    },
  }
}

const nested = (value: unknown) => JSON.stringify({ a: 1, log: `${JSON.stringify(value)}\n`, z: ['x', true] })

const formats: Readonly<Record<string, Format>> = {
  'texts that are JSON': expanded(
    [
      { path: 'properties.log', as: 'json' },
      { path: 'log', as: 'json' },
    ],
    [
      ...linesOf('aks'),
      nested({ text: 'a "quoted" \\ text\nof two lines \u0001', n: 1.5, list: [{ a: '' }, 'é', null] }),
      nested([{ log: '{"x":1}' }]),
      nested('no object'),
      '{"log":"{\\"a\\":1,\\"a\\":2}"}',
      '{"log":"{\\"a\\":\\"x\\\\u0041\\\\/\\"}"}',
      '{"log":"{\\"a\\":1},\\"b\\":{\\"c\\":2}"}',
      '{"log":{"a":"b"},"c":[]}',
    ],
  ),
  'texts that a pattern takes apart': expanded(
    [
      {
        path: 'request',
        as: { pattern: ['^(?P<method>[A-Z]+) (?P<uri>\\S+)(?: (?P<protocol>\\S+))?$', '^(?P<word>.*)!$'] },
      },
    ],
    [
      ...linesOf('nginx_json'),
      '{"request":"so what!","a":{"request":"GET / HTTP/2"}}',
      '{"request":"GET /GET","b":1}',
    ],
  ),

  access_log: decoded('access_log', [
    ...linesOf('nginx'),
    'shop.example:443 192.0.2.7 - ann [23/Nov/2026:11:00:00 +0100] "DELETE /orders/7 HTTP/1.1" 403 12 "-" "curl/8 é" "198.51.100.1"',
    '192.0.2.7 - - [23/Nov/2026:11:00:00 +0100] "GET /" 200 -',
    '- -  [] "PRI * HTTP/2" 400 0 "" ""',
  ]),
  postgres_json: decoded('postgres_json', [
    ...linesOf('pgaudit_json'),
    '{"timestamp":"2026-11-23 10:00:00.123 CET","error_severity":"LOG","message":"checkpoint, \\"done\\"\\n"}',
    '{"timestamp":"2026-11-23 10:00:00.123 +01","error_severity":"ERROR","message":"AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>"}',
    '{"session_start":"2026-11-23 10:00:00 UTC","detail":"","message":"AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>","pid":1}',
    '{"message":"AUDIT: OBJECT,3,1,WRITE,UPDATE,TABLE,public.cards,\\"update cards\\nset a = 1\\",<none>,12","audit":{"type":"x"}}',
    '{"message":"AUDIT: OBJECT,3,1,WRITE,UPDATE,TABLE,public.cards,\\"update \\"\\"cards\\"\\" set a = 1\\",<none>,12","message_id":null}',
  ]),
  postgres_stderr: decoded('postgres_stderr', [
    ...linesOf('pgaudit_stderr'),
    '2026-11-23 10:00:01.000 UTC [4711] ann@shop ERROR:  permission denied for table cards',
    '2026-11-23 10:00:00 CET [4711] LOG:  AUDIT: SESSION,3,1,READ,SELECT,TABLE,public.cards,select 1,<none>',
    '2026-11-23 10:00:00 UTC:192.0.2.7(51000):ann@shop:[4711]:LOG:  AUDIT: SESSION,3,1,READ,SELECT,,,"select ""a"", 2",<none>',
    '2026-11-23 10:00:00 UTC [4711] a:  b:  c:  d:  e:  f:  g:  h@shop LOG:  nine labels',
    '2026-11-23 10:00:00 UTC [4711] a:  b:  c:  d:  e:  f:  g@shop LOG:  eight',
    '2026-11-23 10:00:00.000 +01 [4711] ann@shop LOG:  an offset',
    '2026-11-23 10:00:00 UTC [4711] [unknown]@[unknown] LOG:  connection received: host=192.0.2.7 port=1',
    'LOG:  AUDIT: OBJECT,3,1,DDL,CREATE TABLE,TABLE,public.cards,create table cards (),<not logged>',
  ]),
  keycloak: decoded('keycloak', [
    ...linesOf('keycloak'),
    '2026-11-23 10:00:00,123 INFO  [org.keycloak.events] (executor-1) operationType="CREATE", realmId="shop", error="a, b=\\"c\\""',
    '2026-11-23 10:00:00,123 INFO  [] type="LOGIN", realmId="shop", type="LOGOUT", level="x"',
    '2026-11-23 10:00:00,123 WARN [org.keycloak.events] type=LOGIN, realmId=shop',
    '2026-11-23T10:00:00.123+01:00 INFO  [org.keycloak.events] type="LOGIN", error="", userId="null"',
  ]),
  postgres_csv: decoded('postgres_csv', [
    ...linesOf('pgaudit'),
    '2026-11-23 10:00:00.123 CET,"ann","shop",4711,"[local]",6561f000.1267,7,"SELECT",2026-11-23 09:59:00 +01,3/12,0,LOG,00000,"AUDIT: OBJECT,3,1,WRITE,UPDATE,TABLE,public.cards,""update """"cards"""" set a = 1"",<none>,12",,,,,,,,,"psql","client backend",,0',
    '2026-11-23 10:00:03.000 UTC,"eve","shop",4713,"::1:51001",6561f000.1269,2,"authentication",2026-11-23 10:00:03 UTC,4/2,0,FATAL,28P01,"password authentication failed, twice",,,,,,,,,"","client backend",,0',
    '2026-11-23 10:00:02.000 UTC,"eve","shop",4712,"h:1",6561f000.1268,9,"DO",2026-11-23 09:59:00 UTC,4/1,0,LOG,00000,"AUDIT: SESSION,1,1,MISC,SET,,,SET ROLE admin,<none>",,,,,"in a function",,,,"psql"',
  ]),
}

/** What is put into a line, or in place of a part of it. */
const pieces = [
  '"',
  '""',
  ',',
  ' ',
  '-',
  '[',
  ']',
  '\\',
  '\u0001',
  'é',
  '\u2003',
  ':',
  ' UTC',
  ' CET',
  'ROLE',
  '<none>',
  '\t',
  '12',
  'ERROR',
  '\\\\',
  '\\\\\\',
  '\\"',
  '}',
  '{',
  '{}',
  '1.0',
  'null',
]

const mutated = (line: string) =>
  fc
    .array(fc.tuple(fc.nat(line.length), fc.nat(3), fc.constantFrom('', ...pieces)), { maxLength: 3 })
    .map((changes) =>
      changes.reduce((text, [at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut), line),
    )

/** Texts and numbers by their paths: the values that records of one shape may differ in. */
function valuesOf(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => valuesOf(inner, [...path, key]))
  const isContent = typeof value === 'number' || (typeof value === 'string' && value !== '')
  if (!isContent) return []
  const json = JSON.stringify(value)
  return [[JSON.stringify(path), typeof value === 'string' ? json.slice(1, -1) : json]]
}

const shapeOf = (value: unknown) =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'number' ? 0 : typeof inner === 'string' && inner !== '' ? 'text' : inner,
  )

describe.each(Object.entries(formats))('%s', (_, { lines, finder, read }) => {
  const shapes = new Map<number, string>()

  function check(line: string): boolean {
    const before = Buffer.from('behind "another" line\n')
    const bytes = Buffer.concat([before, Buffer.from(line), Buffer.from('\n"x",-')])
    const layout = finder.find(bytes, before.length, before.length + Buffer.byteLength(line))
    if (layout < 0) return false
    const { places, copied = 0, copy } = finder
    const from = copied > 0 ? Buffer.from(copy!) : bytes
    const found = finder.pathsOf(layout).map((path, i): [string, string] => {
      return [JSON.stringify(path.map(String)), from.toString('utf8', places[2 * i], places[2 * i + 1])]
    })
    const value = read(line)
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(valuesOf(value)))
    const shape = shapeOf(value)
    expect(shapes.get(layout) ?? shape).toBe(shape)
    shapes.set(layout, shape)
    return true
  }

  test('lines as they are written have a layout', () => {
    expect(lines.filter((line) => !check(line)).length).toBeLessThanOrEqual(6)
  })

  test('and whatever has one is what the decoder makes of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...lines).chain(mutated), (line) => void check(line)),
      { numRuns: runs },
    )
  })
})
