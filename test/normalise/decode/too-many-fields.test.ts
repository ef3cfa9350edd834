// Texts of millions of fields, each of which would become a member of an object: 16 MiB took 900.
import { expect, test } from 'vitest'
import { mostWeight } from '../../../src/event/record-weight.ts'
import { createDecoder } from '../../../src/normalise/decode/decoders.ts'

const decode = (name: string, text: string, options: Record<string, unknown> = {}) =>
  createDecoder({ name, options }).decode(text)
const fields = (count: number, separator: string) =>
  Array.from({ length: count }, (_, i) => `f${i}=1`).join(separator)
const membersOf = (decoded: ReturnType<typeof decode>) => (decoded.ok ? Object.keys(decoded.value).length : 0)
const more = mostWeight + 10

test.each([
  ['key_value', fields(more, ' '), mostWeight, 'pairs and words'],
  ['query', fields(more, '&'), mostWeight + 1, 'pairs'],
  ['auditd', `type=USER_LOGIN msg=audit(1.2:3): ${fields(more, ' ')}`, mostWeight + 3, 'fields'],
])('%s: so many are read, and the rest is in the record', (name, text, members, what) => {
  const decoded = decode(name, text)
  expect(decoded).toMatchObject({ ok: true, partial: true })
  expect(decoded.ok && decoded.warnings.at(-1)).toContain(
    `of more than ${mostWeight} ${what} the others are not read`,
  )
  expect(membersOf(decoded)).toBe(members)
})

test.each([
  ['key_value', fields(mostWeight, ' ')],
  ['query', fields(mostWeight, '&')],
])('%s: as many as that are all of it', (name, text) => {
  expect(decode(name, text)).not.toHaveProperty('partial')
})

test('words that are no pairs count as well', () => {
  const decoded = decode('key_value', `user=eve ${'a '.repeat(more)}`)
  expect(decoded).toMatchObject({ ok: true, partial: true, value: { user: 'eve' } })
})

test.each([
  ['plain', 'a,'],
  ['quoted', '"a",'],
])('csv, %s: a row of as many columns is none', (_how, field) => {
  const decoded = decode('csv', field.repeat(more), { columns: ['a', 'b'] })
  expect(decoded).toEqual({ ok: false, reason: `csv: more than ${mostWeight} fields` })
})

test.each([
  [
    'syslog',
    `<34>1 2026-11-30T10:00:00Z host app - - [a ${fields(more, ' ').replaceAll('=1', '="1"')}] hello`,
  ],
  ['syslog', `<34>1 2026-11-30T10:00:00Z host app - - - @cee: {"a":[${'{},'.repeat(more)}{}]}`],
  [
    'keycloak',
    `2026-11-30 10:00:00,000 INFO  [org.keycloak.events] (executor-thread-1) type="LOGIN", ${fields(more, ', ')}`,
  ],
])('%s: what is not read stays text', (name, text) => {
  const decoded = decode(name, text)
  expect(decoded.ok).toBe(true)
  expect(membersOf(decoded)).toBeLessThan(20)
  expect(JSON.stringify(decoded.ok && decoded.value).length).toBeGreaterThan(text.length / 2)
})

test.each([
  ['keycloak', 'message', 'hello'],
  ['postgres_json', 'message', 'hello'],
])('%s: of JSON the heaviest is left out', (name, key, value) => {
  const text = `{"timestamp":"2026-11-30T10:00:00Z","${key}":"${value}","big":[${'{},'.repeat(more)}{}]}`
  const decoded = decode(name, text)
  expect(decoded).toMatchObject({ ok: true, partial: true })
  expect(JSON.stringify(decoded).length).toBeLessThan(1_000)
})
