// What is found in a line's bytes is what its decoder makes of it: whatever the line.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineMakers } from '../../../bench/normalise/lines/index.ts'
import { makeLot } from '../../../bench/normalise/lot.ts'
import { createDecoder } from '../../../src/normalise/decode/decoders.ts'
import { full } from '../../seed.ts'

const runs = full ? 20_000 : 1_500

const linesOf = (maker: string) =>
  makeLot(lineMakers[maker]!, 20_000).chunks.flatMap(({ bytes }) =>
    Buffer.from(bytes).toString().trimEnd().split('\n'),
  )

const formats: Readonly<Record<string, readonly string[]>> = {
  access_log: [
    ...linesOf('nginx'),
    'shop.example:443 192.0.2.7 - ann [23/Nov/2026:11:00:00 +0100] "DELETE /orders/7 HTTP/1.1" 403 12 "-" "curl/8 é" "198.51.100.1"',
    '192.0.2.7 - - [23/Nov/2026:11:00:00 +0100] "GET /" 200 -',
    '- -  [] "PRI * HTTP/2" 400 0 "" ""',
  ],
  postgres_csv: [
    ...linesOf('pgaudit'),
    '2026-11-23 10:00:00.123 CET,"ann","shop",4711,"[local]",6561f000.1267,7,"SELECT",2026-11-23 09:59:00 +01,3/12,0,LOG,00000,"AUDIT: OBJECT,3,1,WRITE,UPDATE,TABLE,public.cards,""update """"cards"""" set a = 1"",<none>,12",,,,,,,,,"psql","client backend",,0',
    '2026-11-23 10:00:03.000 UTC,"eve","shop",4713,"::1:51001",6561f000.1269,2,"authentication",2026-11-23 10:00:03 UTC,4/2,0,FATAL,28P01,"password authentication failed, twice",,,,,,,,,"","client backend",,0',
    '2026-11-23 10:00:02.000 UTC,"eve","shop",4712,"h:1",6561f000.1268,9,"DO",2026-11-23 09:59:00 UTC,4/1,0,LOG,00000,"AUDIT: SESSION,1,1,MISC,SET,,,SET ROLE admin,<none>",,,,,"in a function",,,,"psql"',
  ],
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
]

const mutated = (line: string) =>
  fc
    .array(fc.tuple(fc.nat(line.length), fc.nat(3), fc.constantFrom('', ...pieces)), { maxLength: 3 })
    .map((changes) =>
      changes.reduce((text, [at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut), line),
    )

/** Values by path, and what is left without them. */
function valuesOf(value: unknown, path: readonly string[] = []): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[JSON.stringify(path), value]]
  return Object.entries(value).flatMap(([key, inner]) => valuesOf(inner, [...path, key]))
}

describe.each(Object.entries(formats))('%s', (name, lines) => {
  const { decode, fields } = createDecoder({ name, options: {} })
  const finder = fields!()
  const membersOf = new Map<number, string>()

  function check(line: string): boolean {
    const before = Buffer.from('behind "another" line\n')
    const bytes = Buffer.concat([before, Buffer.from(line), Buffer.from('\n"x",-')])
    const layout = finder.find(bytes, before.length, before.length + Buffer.byteLength(line))
    if (layout < 0) return false
    const found = finder.pathsOf(layout).map((path, i): [string, string] => {
      const [from, to] = finder.places.subarray(2 * i, 2 * i + 2)
      return [JSON.stringify(path), bytes.toString('utf8', from, to)]
    })
    const decoded = decode(line)
    expect(decoded).toMatchObject({ ok: true, warnings: [] })
    if (!decoded.ok) return true
    expect(decoded.partial).toBeUndefined()
    const values = valuesOf(decoded.value)
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(values.map(([path, value]) => [path, JSON.stringify(value).slice(1, -1)])),
    )
    expect(values.filter(([, value]) => value === '')).toEqual([])
    const members = JSON.stringify(values.map(([path]) => path))
    expect(membersOf.get(layout) ?? members).toBe(members)
    membersOf.set(layout, members)
    return true
  }

  test('lines as they are written have a layout', () => {
    expect(lines.filter((line) => !check(line)).length).toBeLessThanOrEqual(3)
  })

  test('and whatever has one is what the decoder makes of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...lines).chain(mutated), (line) => void check(line)),
      { numRuns: runs },
    )
  })
})
