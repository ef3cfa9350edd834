import { expect, test } from 'vitest'
import { enrichConfig } from '../../../src/attribution/enrich/config.ts'

test('an entry is one enricher, with its defaults', () => {
  const given = [
    { static: { scope: [{ type: 'organization', id: 'acme' }], severity: '9', 'actor.groups': 'a;b' } },
    { lookup: { file: 'users.csv', key: 'actor.id', set: { 'actor.email': 'mail' } } },
  ]
  expect(enrichConfig.parse(given)).toEqual([
    { static: { scope: [{ id: 'acme', type: 'organization' }], severity: 9, 'actor.groups': ['a', 'b'] } },
    {
      lookup: {
        file: 'users.csv',
        format: 'csv',
        key: 'actor.id',
        match: 'exact',
        ignore_case: false,
        set: { 'actor.email': 'mail' },
        separator: ';',
        max_size: 64 * 1024 ** 2,
      },
    },
  ])
})

const set = { 'actor.email': 'mail' }

test.each([
  [{}, /needs one of static, lookup.* and only one/],
  [{ static: {}, lookup: { file: 'a.csv', key: 'actor.id', set } }, /and only one/],
  [{ static: { id: 'x' } }, /"id" is no member that an enricher may set/],
  [
    { static: { 'actor.idd': 'x' } },
    /^"actor\.idd" is no member that an enricher may set\. Did you mean actor\.id\?$/,
  ],
  [{ static: { 'source.geo.contry': 'x' } }, /Did you mean source\.geo\.country\?$/],
  [{ jwt: { token: 'unmaped.t' } }, /"unmaped\.t" is no member of an event/],
  [{ user_agent: { key: 'source.user_agnt' } }, /Did you mean source\.user_agent\?$/],
  [{ static: { 'producer.product': 'shop' } }, /"producer\.product" is no member/],
  [{ static: { actor: { id: 'x' } } }, /"actor" is no member/],
  [{ static: { 'actor.type': 'robot' } }, /"robot" is no actor\.type/],
  [{ static: { scope: [{ type: 'organization' }] } }, /needs an id or a name/],
  [{ static: { 'metadata.7': 'x' } }, /"metadata\.7" is no member/],
  [{ lookup: { file: 'users', key: 'actor.id', set } }, /say its `format`/],
  [{ lookup: { file: 'a.csv', key: 'actor', set } }, /"actor" is no member of an event that holds one value/],
  [{ lookup: { file: 'a.csv', key: 'actor.id', set: { 'provenance.agent': 'x' } } }, /may set/],
  [{ lookup: { file: 'a.csv', key: 'actor.id', set: {} } }, /at least one member/],
  [{ jwt: { token: 'unmapped.t', require_verified: true } }, /`require_verified` needs `jwks`/],
  [{ jwt: { claims: 'unmapped.c', require_verified: true } }, /`require_verified` needs a `token`/],
])('%j is refused', (entry, message) => {
  const { error } = enrichConfig.safeParse([entry])
  expect(error?.issues.map((issue) => issue.message).join('\n')).toMatch(message)
})
