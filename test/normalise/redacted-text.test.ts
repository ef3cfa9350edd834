// What is taken out of a record that could not be read is said in its event.
import { expect, test } from 'vitest'
import type { RedactRule } from '../../src/attribution/redact/rule.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, spec } from './normalising.ts'

const redact: RedactRule[] = [
  { key: ['password'], method: 'drop' },
  { pattern: ['email'], method: 'hash', name: 'mail' },
  { path: ['actor.id'], method: 'mask' },
]

function kept(text: string, how: object = { preset: 'json' }) {
  const batch = lines(compileNormaliser(spec(how, { redact })), `${text}\n`)
  const events = eventsOf(batch)
  for (const event of events) expect(invalid(event)).toBeUndefined()
  return { events, raw: Buffer.from(batch.raw).toString() }
}

test.each([
  ['bad password=hunter5', 'bad password=***', [{ method: 'mask', path: 'raw_data', rule: 'key:password' }]],
  [
    '{"password":"hunter5","password":"hunter6", "to":"eve@x.example"',
    /^\{"password":"\*\*\*","password":"\*\*\*", "to":"hmac-sha256:test:[0-9a-f]+"$/,
    [
      { method: 'hash', path: 'raw_data', rule: 'mail' },
      { method: 'mask', path: 'raw_data', rule: 'key:password' },
    ],
  ],
  ['nothing to hide', 'nothing to hide', undefined],
])('a line: %s', (text, raw, redactions) => {
  const { events, raw: left } = kept(text)
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ quality: { parse: 'failed' } })
  expect(left).toMatch(raw)
  expect(events[0]!.redactions).toEqual(
    redactions === undefined
      ? undefined
      : expect.toSatisfy((all: object[]) => all.length === redactions.length),
  )
  for (const redaction of redactions ?? []) expect(events[0]!.redactions).toContainEqual(redaction)
})

test('an element of a list that is no object', () => {
  const { events, raw } = kept('[{"event":"a","user":"u"},"password=hunter5"]')
  expect(events[1]).toMatchObject({
    quality: { parse: 'failed' },
    redactions: [{ method: 'mask', path: 'raw_data', rule: 'key:password' }],
  })
  expect(raw).not.toContain('hunter')
})

test('a record that was read in part: what its event says already is not said again', () => {
  const how = { extends: 'json', expand: [{ path: 'msg', as: 'json' }] }
  const { events, raw } = kept('{"user":"u_secret","password":"hunter5","n":1,"note":"eve@x.example"', how)
  expect(raw).not.toMatch(/hunter|eve@/)
  expect((events[0]!.redactions as object[]).length).toBe(2)
})

test('a record that was read says what it said before', () => {
  const { events } = kept('{"user":"u_secret","password":"hunter5"}')
  expect(events[0]!.redactions).toEqual([
    { method: 'drop', path: 'unmapped.password', rule: 'key:password' },
    { method: 'mask', path: 'actor.id', rule: 'path:actor.id' },
  ])
})
