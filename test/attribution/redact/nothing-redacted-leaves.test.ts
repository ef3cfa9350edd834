// For any record and any rules: what a rule takes out stands nowhere in what is encoded, and what is left is valid.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RedactRule } from '../../../src/attribution/redact/rule.ts'
import { canonicalize } from '../../../src/event/canonical.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import {
  compileNormaliser,
  type InlineNormaliser,
  type NormaliserOptions,
} from '../../../src/normalise/normaliser.ts'
import { invalid, lines, spec } from '../../normalise/normalising.ts'

const seed = 20_261_123
const numRuns = 40

/** Texts that patterns find, and how they are written. */
const email = 'eve.secret@mail.example'
const card = '4111 1111 1111 1111'
const iban = 'DE89 3704 0044 0532 0130 00'
const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJldmUifQ.c2lnbmF0dXJl'
const employee = 'EMP-482913'
const secrets = [email, card, iban, token, jwt, employee]
const everySecret = new RegExp(
  [...secrets, card.replaceAll(' ', ''), iban.replaceAll(' ', '')]
    .map((text) => text.replaceAll(/[.-]/g, String.raw`\$&`))
    .join('|'),
)
const patterns: readonly RedactRule[] = [
  { pattern: ['email', 'card_number'], method: 'mask' },
  { pattern: ['iban', 'token', 'jwt'], method: 'hash' },
  { match: [String.raw`EMP-\d{6}`], method: 'drop' },
]

/** What only fields of these names hold. */
const hidden = ['password', 'Token', 'api-key', '__proto__']
const underName = fc.nat(999_999).map((n) => `hidden-${n}-hidden`)

const names = fc.constantFrom(
  'user',
  'id',
  'event',
  'ip',
  'message',
  'resource',
  'changes',
  'session_id',
  'api_key_id',
  'a.b',
  '10',
  '9',
  'tags',
  'constructor',
)
const plain = fc.oneof(
  fc.constantFrom<unknown>('', 'x', 'invoice.approve', true, null, 0.5, -1, '\ud800', 'u_42'),
  fc.string({ maxLength: 6, unit: 'binary' }),
)
const withSecret = fc
  .tuple(
    fc.constantFrom(...secrets),
    fc.constantFrom('', 'by ', '("', 'a=1&mail='),
    fc.constantFrom('', '.', '") ', ' 12'),
  )
  .map(([secret, before, after]) => `${before}${secret}${after}`)

/** The same within texts. */
const fieldForms: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name}=${value}`,
  (name, value) => `to "${name.toUpperCase()}" = '${value}', and`,
  (name, value) => JSON.stringify({ a: [1], [name]: value, b: 2 }),
  (name, value) => JSON.stringify({ body: JSON.stringify({ [name]: [value] }) }),
  (name, value) => `/login?a=1&${name}=,${value}&b=2`,
  (name, value) => `/login?u%5B${name.replace('a', '%61')}%5D=${value}&b=2`,
  (name, value) => `/r?next=${encodeURIComponent(`/?a=1&${name}=${value}&b=2`)}`,
  (name, value) => `/r?body=${encodeURIComponent(JSON.stringify({ [name]: value }))}`,
  (name, value) => `ALTER USER x ${name} E'it''s ${value}';`,
  (name, value) => `run --${name} ${value} -u eve`,
]
const withField = fc
  .tuple(fc.constantFrom(...fieldForms), fc.constantFrom(...hidden), underName)
  .map(([form, name, value]) => form(name, value))

const { record: anyRecord } = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    plain,
    withSecret,
    withField,
    fc.constant(4_111_111_111_111_111),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc
    .array(
      fc.oneof(
        fc.tuple(names, tie('value')),
        fc.tuple(fc.constantFrom(email, card), tie('value')),
        fc.tuple(
          fc.constantFrom(...hidden),
          fc.oneof(
            underName,
            fc.array(underName, { maxLength: 2 }),
            underName.map((deep) => ({ deep })),
          ),
        ),
      ),
      { maxLength: 7 },
    )
    .map(own),
}))

/** Own members whatever they are called, `__proto__` too. */
function own(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object = {}
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

/** Reads everything into every kind of member. */
const mapping = {
  extends: 'json',
  message: [{ template: '{user} {event}' }, 'message'],
  'metadata.request': 'resource',
  'metadata.password': 'id',
  'actor.alt_ids': { all: ['user', 'user.id', 'id'] },
  'credential.id': ['api_key_id', 'session_id'],
  'credential.scopes': 'tags',
  targets: [
    { id: 'id', type: { const: 'x' }, attributes: { all: 'resource', Token: 'id' } },
    { each: 'tags', name: '.' },
  ],
  changes: [{ path: 'event', old: 'changes', new: 'user' }],
}

const linesOf = fc.array(anyRecord, { minLength: 1, maxLength: 4 }).chain((records) =>
  fc.constantFrom(' ', '').map((cutOff) => {
    const texts = records.map((record) => JSON.stringify(record))
    // Lines that cannot be read are kept as they are: redacted all the same.
    return cutOff === '' ? texts : [...texts, ...texts.map((text) => text.slice(0, -1))]
  }),
)

const known = new Map<string, InlineNormaliser>()

/** Compiled once for all runs. */
function compiled(how: object, more: Partial<NormaliserSpec>, options?: NormaliserOptions): InlineNormaliser {
  const name = JSON.stringify([how, more, options])
  const normaliser = known.get(name) ?? compileNormaliser(spec(how, more), options)
  known.set(name, normaliser)
  return normaliser
}

function everything(
  redact: readonly RedactRule[],
  texts: readonly string[],
  how: object = mapping,
): { text: string; events: readonly Record<string, unknown>[] } {
  const batch = lines(compiled(how, { redact, raw: 'full' }), `${texts.join('\n')}\n`)
  const payload = Buffer.from(batch.payload).toString()
  const events = payload.split('\n').flatMap((line) => {
    if (line === '') return []
    const event = JSON.parse(line) as Record<string, unknown>
    expect(canonicalize(event)).toBe(line)
    expect(invalid(event)).toBeUndefined()
    return [event]
  })
  expect(events).toHaveLength(texts.length)
  return { text: `${payload}\n${Buffer.from(batch.raw).toString()}`, events }
}

test('patterns: in texts, numbers, names, and the record as it came', () => {
  fc.assert(
    fc.property(linesOf, (texts) => {
      expect(everything(patterns, texts).text).not.toMatch(everySecret)
    }),
    { numRuns, seed },
  )
})

test('names of fields, whatever they hold, and wherever the mapping takes it', () => {
  const methods = fc.constantFrom('drop' as const, 'mask' as const, 'hash' as const)
  fc.assert(
    fc.property(linesOf, methods, (texts, method) => {
      const { text } = everything([{ key: hidden, method }], texts)
      expect(text).not.toMatch(/hidden-\d+/)
      // The short way, and again: a stencil was learnt.
      const redact = [{ key: hidden, method }]
      const short = compiled({ preset: 'json' }, { redact })
      const general = compiled({ preset: 'json' }, { redact }, { stencils: false })
      const input = `${texts.join('\n')}\n`
      for (let round = 0; round < 3; round++) {
        expect(Buffer.from(lines(short, input).payload).equals(lines(general, input).payload)).toBe(true)
      }
    }),
    { numRuns, seed },
  )
})

test('plain text', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(withSecret, underName), { minLength: 1, maxLength: 5 }), (pairs) => {
      const texts = pairs.map(([secret, value]) => `got ${secret} password=${value} {"Token": "${value}"}`)
      const { text } = everything([...patterns, { key: hidden, method: 'mask' }], texts, { preset: 'plain' })
      expect(text).not.toMatch(everySecret)
      expect(text).not.toMatch(/hidden-\d+/)
    }),
    { numRuns, seed },
  )
})

test('members of the event: what was there is there no more, nor in the record as it came', () => {
  const places = fc.constantFrom(
    'actor.id',
    'actor.**',
    'message',
    'targets',
    'targets[*].attributes',
    'targets.name',
    'unmapped',
    'unmapped.*',
    'metadata.request',
    'changes[*].old',
    'credential',
    'session.id',
    '**.deep',
    'source_event_id',
    'scope',
  )
  const methods = fc.constantFrom('drop' as const, 'mask' as const, 'hash' as const)
  fc.assert(
    fc.property(
      linesOf,
      fc.uniqueArray(places, { minLength: 1, maxLength: 3 }),
      methods,
      (texts, path, method) => {
        everything([{ path, method }], texts)
      },
    ),
    { numRuns, seed },
  )
})

test('mode allow: nothing else stays, and no record', () => {
  const required =
    /^(?:action|attribution|category|id|observed_time|operation|provenance|raw|redactions|schema|scope|time|time_source)$/
  fc.assert(
    fc.property(linesOf, (texts) => {
      const { text, events } = everything(
        [{ mode: 'allow', path: ['actor.id', 'message'], method: 'drop' }],
        texts,
      )
      for (const event of events) {
        const others = Object.keys(event).filter((name) => !required.test(name))
        expect(
          others.every((name) => ['actor', 'message', 'outcome', 'producer', 'quality'].includes(name)),
        ).toBe(true)
        expect(Object.keys(event.actor as object).every((name) => name === 'id' || name === 'type')).toBe(
          true,
        )
        expect(event.scope).toEqual([])
      }
      expect(text.slice(text.indexOf('\n\n'))).not.toContain('{')
    }),
    { numRuns, seed },
  )
})
