// `on_missing: reject`: nothing of a record that lacks something is in the batch, and the batch is as if it had not come.
import { expect, test } from 'vitest'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, observed, spec, stream } from './normalising.ts'

const mapping = { 'actor.id': 'user', action: 'do' }
const require = { default: ['actor.id', 'action'] }
const batchOf = (values: readonly object[], more: object, index = 0) =>
  compileNormaliser(spec(mapping, { require, ...more })).records({
    stream,
    records: values.map((value, n) => ({
      value: value as Record<string, unknown>,
      id: { uuid: `8f3c0000-0000-4000-8000-00000000000${n}` },
    })),
    index,
    observed,
  })

const good = [
  { user: 'a', do: 'x' },
  { user: 'b', do: 'y', rest: { k: 1 } },
]

test.each(['none', 'full'])('with raw: %s', (raw) => {
  const batch = batchOf([{ do: 'x' }, good[0]!, { user: 'c' }, {}, good[1]!], { onMissing: 'reject', raw })
  expect(batch.rejected).toEqual([
    { index: 0, missing: ['actor.id'] },
    { index: 2, missing: ['action'] },
    { index: 3, missing: ['actor.id', 'action'] },
  ])
  expect(batch).toMatchObject({ count: 2, records: 5, incomplete: 0, unparsed: 0 })
  expect(eventsOf(batch).map(({ actor }) => actor)).toMatchObject([{ id: 'a' }, { id: 'b' }])
  const alone = batchOf(good, { raw })
  expect(batch.rawLengths).toEqual(alone.rawLengths)
  expect(Buffer.from(batch.raw)).toEqual(Buffer.from(alone.raw))
  expect(batch.routes).toEqual(alone.routes)
})

test('records of scopes that their sender may not deliver are rejected, whatever the policy', () => {
  const scoped = { ...mapping, scope: [{ type: { const: 'org' }, id: 'org' }] }
  const values = [{ org: 'acme' }, { org: 'beta' }, {}, { org: 'acme', do: 'x', user: 'u' }]
  const given = { stream, records: values.map((value) => ({ value })), index: 0, observed }
  const scopes = [[{ type: 'org', id: 'acme' }]]
  for (const [onMissing, lacking] of [
    ['tag', []],
    ['reject', [{ index: 0, missing: ['actor.id', 'action'] }]],
  ] as const) {
    const normaliser = compileNormaliser(spec(scoped, { require, onMissing }))
    const batch = normaliser.records({ ...given, peer: { auth_id: 'a', scopes } })
    expect(batch.rejected).toEqual([
      ...lacking,
      { index: 1, missing: [], scope: 'org:beta' },
      { index: 2, missing: [], scope: 'none' },
    ])
    expect(batch).toMatchObject({ count: 2 - lacking.length, records: 4 })
    expect(
      eventsOf(batch).every(({ scope }) => JSON.stringify(scope) === '[{"id":"acme","type":"org"}]'),
    ).toBe(true)
    // Whoever comes next without scopes is not held to these.
    const free = compileNormaliser(spec(scoped, { require }))
    free.records({ ...given, peer: { scopes } })
    expect(free.records(given)).toMatchObject({ count: 4, rejected: [] })
  }
})

test('other policies take them in', () => {
  for (const onMissing of ['tag', 'dead_letter'] as const) {
    expect(batchOf([{ do: 'x' }], { onMissing })).toMatchObject({ count: 1, incomplete: 1, rejected: [] })
  }
  const accepted = batchOf([{ do: 'x' }], { onMissing: 'accept' })
  expect(eventsOf(accepted)[0]!.attribution).toEqual({ complete: true })
})
