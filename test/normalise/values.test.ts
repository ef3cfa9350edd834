// What a mapping's values can do with what they read, and what is left in `unmapped`.
import { describe, expect, test } from 'vitest'
import { type Event, invalid, mapOne } from './normalising.ts'

const event = (mapping: object, record: object, more: Parameters<typeof mapOne>[2] = {}): Event => {
  const made = mapOne(mapping, record, more)
  expect(invalid(made)).toBeUndefined()
  return made
}

describe('match', () => {
  const arn = 'arn:aws:iam::123456789012:user/alice'

  test.each([
    ['the first group', { match: '::(\\d+):' }, '123456789012'],
    ['the whole match without groups', { match: '\\d+' }, '123456789012'],
    ['a group by number', { match: '::(\\d+):(\\w+)/(.*)$', group: 3 }, 'alice'],
    ['a group by name', { match: '(?P<kind>\\w+)/(?P<who>.*)$', group: 'who' }, 'alice'],
    ['the other spelling of names', { match: '(?<kind>\\w+)/(?<who>.*)$', group: 'kind' }, 'user'],
  ])('%s', (_, options, expected) => {
    const made = event({ 'actor.id': { path: 'arn', ...options } }, { arn })
    expect(made).toMatchObject({ actor: { id: expected }, unmapped: { arn } })
  })

  test('the next alternative counts where it does not match, or its group has no part in the match', () => {
    const mapping = { 'actor.id': [{ path: 'a', match: '^x(y)?z$' }, 'b'] }
    expect(event(mapping, { a: 'no', b: 'u' })).toMatchObject({ actor: { id: 'u' }, unmapped: { a: 'no' } })
    expect(event(mapping, { a: 'xz', b: 'u' })).toMatchObject({ actor: { id: 'u' }, unmapped: { a: 'xz' } })
  })

  test('what is the whole value stands for it', () => {
    const mapping = { 'source.ip': { path: 'peer', match: '^(.*?)(:\\d+)?$' } }
    expect(event(mapping, { peer: '10.0.0.1' })).not.toHaveProperty('unmapped')
    expect(event(mapping, { peer: '10.0.0.1:443' })).toMatchObject({
      source: { ip: '10.0.0.1' },
      unmapped: { peer: '10.0.0.1:443' },
    })
  })

  test('a pattern that would explode elsewhere takes linear time', () => {
    const made = event({ 'actor.id': { path: 'a', match: '^(a+)+$' } }, { a: `${'a'.repeat(50_000)}b` })
    expect(made.actor).toEqual({ type: 'unknown' })
  })
})

test('trim, match, split, case and table follow each other', () => {
  const mapping = {
    operation: {
      path: 'what',
      trim: true,
      match: '^do (.*)$',
      split: ':',
      part: -1,
      case: 'lower',
      table: { remove: 'delete' },
    },
  }
  expect(event(mapping, { what: '  do Order:REMOVE ' })).toMatchObject({
    operation: 'delete',
    unmapped: { what: '  do Order:REMOVE ' },
  })
})

test('trim and case stand for the value', () => {
  const made = event(
    {
      'actor.id': { path: 'user', trim: true, case: 'lower' },
      'actor.name': { path: 'name', case: 'upper' },
    },
    { user: ' Alice@Example.COM ', name: 'é' },
  )
  expect(made.actor).toEqual({ id: 'alice@example.com', name: 'É', type: 'unknown' })
  expect(made).not.toHaveProperty('unmapped')
})

describe('lists of texts', () => {
  test('every element is transformed by itself', () => {
    const made = event(
      {
        'actor.groups': { path: 'groups', match: '^cn=([^,]+)', case: 'lower' },
        'actor.roles': { path: 'roles', table: { '1': 'admin', '2': 'user' } },
      },
      { groups: ['cn=Dev,dc=x', 'cn=Ops,dc=x', 'else'], roles: [1, 2] },
    )
    expect(made).toMatchObject({
      actor: { groups: ['dev', 'ops'], roles: ['admin', 'user'] },
      unmapped: { groups: ['cn=Dev,dc=x', 'cn=Ops,dc=x', 'else'] },
    })
    expect(made.unmapped).not.toHaveProperty('roles')
  })

  test('split without a part takes all', () => {
    const made = event({ 'credential.scopes': { path: 'scope', split: ' ,' } }, { scope: 'read, write' })
    expect(made).toMatchObject({ credential: { scopes: ['read', 'write'] } })
    expect(made).not.toHaveProperty('unmapped')
  })
})

describe('every element of a list', () => {
  const mapping = {
    'actor.roles': 'user.roles[*].role',
    'actor.groups': { all: ['team', 'groups[*].of.name'] },
    'source.ip_chain': { path: 'hops[*].ip', case: 'lower' },
    'metadata.sizes': 'files[*].size',
  }

  test('gives what it has, and what is not taken of it stays', () => {
    const made = event(mapping, {
      user: { roles: [{ role: 'reader', db: 'shop' }, { role: 7 }] },
      team: 'ops',
      groups: [{ of: { name: 'dev', n: 1 } }, { of: { name: 'qa' } }],
      hops: [{ ip: 'FE80::1' }],
      files: [{ size: 1, name: 'a' }, { size: { mb: 2 } }],
    })
    expect(made).toMatchObject({
      actor: { roles: ['reader', '7'], groups: ['ops', 'dev', 'qa'] },
      source: { ip_chain: ['fe80::1'] },
      metadata: { sizes: [1, { mb: 2 }] },
    })
    expect(made.unmapped).toEqual({
      user: { roles: [{ db: 'shop' }, {}] },
      groups: [{ of: { n: 1 } }, {}],
      files: [{ name: 'a' }, {}],
    })
  })

  test('where one has nothing there, the others count, and nothing is lost', () => {
    const roles = [{ role: 'a' }, { role: '' }, { role: null }, {}, null, 'b', 7, ['c'], { role: 'd' }]
    const made = event(mapping, { user: { roles } })
    expect(made).toMatchObject({ actor: { roles: ['a', 'd'] } })
    expect(made.unmapped).toEqual({
      user: { roles: [{}, { role: '' }, { role: null }, {}, null, 'b', 7, ['c'], {}] },
    })
  })

  test.each([
    [[{ role: 'a' }, { role: { of: 'b' } }]],
    [[{ role: true }]],
    [[]],
    [[{}]],
    [{ role: 'a' }],
    ['a'],
    [{ '0': { role: 'a' }, length: 1 }],
  ])('%j: no list of texts, so all of it stays', (roles) => {
    const made = event(mapping, { user: { roles } })
    expect(made.actor).not.toHaveProperty('roles')
    expect(made.unmapped).toEqual({ user: { roles } })
  })

  test('beside `each` and single elements of the same list', () => {
    const made = event(
      {
        'actor.roles': 'roles[*].role',
        'actor.tenant': 'roles[0].db',
        targets: { each: 'roles', type: { const: 'role' }, id: 'id' },
      },
      {
        roles: [
          { role: 'a', db: 'x', id: 1, n: 1 },
          { role: 'b', db: 'y', id: 2 },
        ],
      },
    )
    expect(made).toMatchObject({
      actor: { roles: ['a', 'b'], tenant: 'x' },
      targets: [{ id: '1' }, { id: '2' }],
      unmapped: { roles: [{ n: 1 }, { db: 'y' }] },
    })
  })

  test('within `each`, of the element, and under the record', () => {
    const made = event(
      {
        targets: {
          each: 'things',
          type: { const: 'thing' },
          id: 'id',
          attributes: { tags: 'tags[*].name', all: '$.tags[*].name' },
        },
      },
      { things: [{ id: 1, tags: [{ name: 'a' }, { name: 'b' }] }], tags: [{ name: 'c' }] },
    )
    expect(made).toMatchObject({ targets: [{ id: '1', attributes: { tags: ['a', 'b'], all: ['c'] } }] })
    expect(made).not.toHaveProperty('unmapped')
  })

  test('a redacted field is not read by it', () => {
    const made = event(
      { 'actor.roles': 'roles[*].token' },
      { roles: [{ token: 'x' }] },
      {
        redact: [{ key: ['token'], method: 'drop' }],
      },
    )
    expect(JSON.stringify(made)).not.toContain('"x"')
    expect(made.actor).not.toHaveProperty('roles')
  })
})

describe('the first element that a filter finds', () => {
  const mapping = {
    targets: [
      { type: { const: 'user' }, id: 'target[type=User].id', name: 'target[type=User].name' },
      { type: { const: 'app' }, id: 'target[type="App [1]"].id' },
    ],
    message: { template: 'to {target[type=User].id}' },
  }

  test('is read, and what is not taken of it stays', () => {
    const made = event(mapping, {
      target: [
        { type: 'App [1]', id: 'a1', n: 1 },
        { type: 'User', id: 'u1', name: 'Ann' },
        { type: 'User', id: 'u2' },
      ],
    })
    expect(made).toMatchObject({
      message: 'to u1',
      targets: [
        { id: 'u1', name: 'Ann', type: 'user' },
        { id: 'a1', type: 'app' },
      ],
    })
    expect(made.unmapped).toEqual({
      target: [{ type: 'App [1]', n: 1 }, { type: 'User' }, { type: 'User', id: 'u2' }],
    })
  })

  test('is nothing where there is none, or no array', () => {
    for (const target of [[{ type: 'Group', id: 'g' }, null, 'User', 7], { type: 'User' }, 'User', []]) {
      const made = event(mapping, { target })
      expect(made).not.toHaveProperty('targets')
      expect(made.unmapped).toEqual({ target })
    }
  })

  test('compares numbers and booleans as text, and can be asked about', () => {
    const claims = [
      { n: 1, on: true, v: 'one' },
      { n: 2, on: false, v: 'two' },
    ]
    const made = event(
      {
        'actor.id': 'claims[n=2].v',
        'actor.name': { path: 'who', if: 'claims[on=false]' },
        'actor.email': { path: 'who', unless: 'claims[n=1]' },
      },
      { claims, who: 'w' },
    )
    expect(made.actor).toEqual({ id: 'two', name: 'w', type: 'unknown' })
    expect(made.unmapped).toEqual({
      claims: [
        { n: 1, on: true, v: 'one' },
        { n: 2, on: false },
      ],
    })
  })

  test('two filters may find one element, and an index too', () => {
    const made = event(
      { 'actor.id': 'a[t=x].id', 'actor.name': 'a[n=1].name', 'actor.email': 'a[0].mail' },
      { a: [{ t: 'x', n: 1, id: 'i', name: 'n', mail: 'm' }] },
    )
    expect(made.actor).toEqual({ email: 'm', id: 'i', name: 'n', type: 'unknown' })
    expect(made.unmapped).toEqual({ a: [{ n: 1, t: 'x' }] })
  })

  test('a filter over a redacted member finds nothing', () => {
    const more = { redact: [{ key: ['secret'], method: 'drop' as const }] }
    const made = event({ 'actor.id': 'a[secret=x].id' }, { a: [{ secret: 'x', id: 'i' }] }, more)
    expect(made).toMatchObject({ actor: { type: 'unknown' }, unmapped: { a: [{ id: 'i' }] } })
  })
})

describe('each', () => {
  test('takes transformed elements', () => {
    const made = event(
      {
        targets: [
          { each: 'hosts', type: { const: 'host' }, id: { path: '.', split: ':', part: 0, case: 'lower' } },
          {
            each: 'users',
            type: { path: 'kind', table: { '1': 'user' } },
            id: { path: 'dn', match: 'cn=(\\w+)' },
          },
        ],
      },
      {
        hosts: ['A:1', 'b'],
        users: [
          { kind: 1, dn: 'cn=ann,dc=x' },
          { kind: 2, dn: 'nobody' },
        ],
      },
    )
    expect(made.targets).toEqual([
      { id: 'a', type: 'host' },
      { id: 'b', type: 'host' },
      { id: 'ann', type: 'user' },
    ])
    expect(made.unmapped).toEqual({
      hosts: ['A:1', 'b'],
      users: [{ dn: 'cn=ann,dc=x' }, { dn: 'nobody', kind: 2 }],
    })
  })

  const members = {
    changes: [{ each: 'diff', path: '$key', old: 'from', new: 'to' }],
    targets: [{ each: 'labels', type: { const: 'label' }, id: '$key', name: '.' }],
  }

  test('goes over the members of an object, with their names in $key', () => {
    const made = event(members, {
      diff: { size: { from: 1, to: 2 }, colour: { from: 'red', to: 'blue', by: 'u' } },
      labels: { b: 'two', a: 'one' },
    })
    expect(made.changes).toEqual([
      { new: 2, old: 1, path: 'size' },
      { new: 'blue', old: 'red', path: 'colour' },
    ])
    expect(made.targets).toEqual([
      { id: 'b', name: 'two', type: 'label' },
      { id: 'a', name: 'one', type: 'label' },
    ])
    expect(made.unmapped).toEqual({ diff: { colour: { by: 'u' } } })
  })

  test('walks over nothing where a condition on the record says so: other entries take the object', () => {
    const targets = [
      { type: { const: 'thing' }, id: 'thing.id' },
      { each: 'thing', if: '$.thing[0]', id: '.' },
    ]
    expect(event({ targets }, { thing: { id: 'a', n: 1 } })).toMatchObject({
      targets: [{ id: 'a', type: 'thing' }],
      unmapped: { thing: { n: 1 } },
    })
    const listed = event({ targets }, { thing: ['a', 'b'] })
    expect(listed.targets).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(listed).not.toHaveProperty('unmapped')
  })

  test('of an array, $key is the index; in templates too', () => {
    const made = event(
      { targets: [{ each: 'a', id: { template: '{$key}:{.}' } }], action: 'what' },
      { a: ['x', 'y'], what: 'do' },
    )
    expect(made.targets).toEqual([{ id: '0:x' }, { id: '1:y' }].map(({ id }) => ({ id })))
  })

  test('names that objects have anyway, numbers and nulls stay what they are', () => {
    const line = '{"labels":{"__proto__":"p","constructor":"c","10":"t","9":"n","x":null,"y":{}}}'
    const made = event(members, JSON.parse(line) as object)
    expect(made.targets).toHaveLength(6)
    expect(made.unmapped).toEqual({ labels: { x: null, y: {} } })
  })

  test('redacted members are not gone over, and are noted', () => {
    const more = { redact: [{ key: ['password'], method: 'mask' as const }] }
    const made = event(members, { labels: { password: 'p', a: 'one' } }, more)
    expect(made.targets).toEqual([{ id: 'a', name: 'one', type: 'label' }])
    expect(made.unmapped).toEqual({ labels: { password: '***' } })
    expect(made.redactions).toMatchObject([{ method: 'mask', path: 'unmapped.labels.password' }])
  })
})
