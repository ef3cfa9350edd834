import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EnrichSpec } from '../../src/attribution/enrich/enrichment.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { createNormaliserPool } from '../../src/normalise/pool.ts'
import { scratchDirectory } from '../scratch-directory.ts'
import { eventsOf, invalid, lines, mapOne, observed, spec, stream } from './normalising.ts'

const directory = scratchDirectory('enrich')
const users = join(directory, 'users.csv')
writeFileSync(users, 'id,email,groups\nu1,u1@acme.example,ops;dev\n')

const mapping = { 'actor.id': 'user', 'actor.email': 'mail', action: 'do', targets: [{ id: 'on' }] }
const lookup = {
  lookup: {
    file: users,
    format: 'csv' as const,
    key: 'actor.id',
    match: 'exact' as const,
    ignore_case: false,
    set: { 'actor.email': 'email', 'actor.groups': 'groups' },
    separator: ';',
    max_size: 1024,
  },
}
const fixed: EnrichSpec = {
  static: { scope: [{ id: 'acme', type: 'organization' }], 'outcome.result': 'success' },
}

test('an event says what was added to it, and what contradicts it', () => {
  const enrich = [fixed, lookup]
  const require = { default: ['actor.id', 'outcome.result'] }
  const event = mapOne(mapping, { user: 'u1', do: 'x', mail: 'other@acme.example' }, { enrich, require })
  expect(event).toMatchObject({
    actor: { email: 'other@acme.example', groups: ['ops', 'dev'], id: 'u1', type: 'unknown' },
    outcome: { result: 'success' },
    scope: [{ id: 'acme', type: 'organization' }],
    attribution: {
      complete: true,
      conflicts: ['actor.email'],
      enriched: ['scope.organization', 'outcome.result', 'actor.groups'],
    },
  })
  expect(invalid(event)).toBeUndefined()
})

test('bytes stay canonical, unreadable records included', () => {
  const batch = lines(
    compileNormaliser(spec(mapping, { enrich: [fixed, lookup] })),
    '{"user":"u1","do":"x"}\nnot json\n{"user":"u2","do":"x","rest":{"10":1,"9":2}}\n',
  )
  const texts = Buffer.from(batch.payload).toString().trimEnd().split('\n')
  expect(texts).toHaveLength(3)
  for (const text of texts) expect(canonicalize(JSON.parse(text))).toBe(text)
  const [, unreadable] = eventsOf(batch)
  expect(unreadable).toMatchObject({ quality: { parse: 'failed' }, scope: [{ id: 'acme' }] })
})

test('stencils know what enrichers add, but for those that look at the whole event, and give the same bytes', () => {
  const text = Array.from({ length: 400 }, (_, i) => `{"user":"u${i % 7}","do":"x","on":"t${i}"}\n`).join('')
  for (const [enrich, served] of [
    [[fixed], true],
    [[fixed, lookup], true],
    [[{ jwt: { token: 'unmapped.rest' } }], false],
  ] as [EnrichSpec[], boolean][]) {
    const short = compileNormaliser(spec(mapping, { enrich }))
    const general = compileNormaliser(spec(mapping, { enrich }), { stencils: false })
    const batch = lines(short, text)
    expect(Buffer.from(batch.payload).equals(Buffer.from(lines(general, text).payload))).toBe(true)
    expect(short.served > 0).toBe(served)
  }
})

test('a token stays nowhere: its keyed hash stands in its place', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'EdDSA' })}.${part({ sub: 'u9', jti: 't1' })}.c2lnbmF0dXJl`
  const enrich: EnrichSpec[] = [{ jwt: { token: 'unmapped.token' } }]
  const record = { do: 'x', token, note: `sent ${token} twice` }
  const batch = lines(
    compileNormaliser(spec(mapping, { enrich, raw: 'full' })),
    `${JSON.stringify(record)}\n`,
  )
  for (const kept of [batch.payload, batch.raw]) {
    expect(kept.length).toBeGreaterThan(0)
    expect(Buffer.from(kept).toString()).not.toContain(token)
    expect(Buffer.from(kept).toString()).toContain('hmac-sha256:')
  }
  const [event] = eventsOf(batch)
  expect(event).toMatchObject({
    actor: { id: 'u9' },
    unmapped: { note: expect.stringMatching(/^sent hmac-sha256:\S+ twice$/) },
    redactions: [{ path: 'unmapped.note' }, { path: 'unmapped.token' }],
  })
  expect(invalid(event!)).toBeUndefined()
})

test('worker threads load the same files', async () => {
  const given = spec(mapping, { enrich: [lookup] })
  const pool = await createNormaliserPool([given], 1)
  const bytes = new Uint8Array(Buffer.from('{"user":"u1","do":"x"}\n'))
  const batch = await pool.normaliser('app').lines({ stream, bytes, offset: 0, observed })
  await pool.close()
  expect(eventsOf(batch)[0]).toMatchObject({ actor: { email: 'u1@acme.example' } })
  expect(pool.files).toHaveLength(1)
})

test('with preset: auto, what is wrong with a file shows at the start', () => {
  const enrich: EnrichSpec[] = [{ lookup: { ...lookup.lookup, file: join(directory, 'none.csv') } }]
  expect(() => compileNormaliser(spec({ preset: 'auto' }, { enrich }))).toThrow(/none\.csv cannot be read/)
})
