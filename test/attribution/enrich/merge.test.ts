import { expect, test } from 'vitest'
import { addTo, type Enriched } from '../../../src/attribution/enrich/merge.ts'

function added(event: Record<string, unknown>, ...all: [member: string, value: unknown][][]) {
  const result: Enriched = {
    enriched: undefined,
    conflicts: undefined,
    secrets: undefined,
    warnings: undefined,
  }
  for (const members of all) {
    const additions = members.map(([member, value]) => ({ member, path: member.split('.'), value }))
    addTo(event, additions, result)
  }
  return { event, ...result }
}

test('a member that is absent is added in its canonical place', () => {
  const { event, enriched } = added({ actor: { id: 'a', type: 'user' }, source: undefined }, [
    ['actor.email', 'a@x'],
    ['source.geo', { country: 'DE' }],
  ])
  expect(JSON.stringify(event)).toBe(
    '{"actor":{"email":"a@x","id":"a","type":"user"},"source":{"geo":{"country":"DE"}}}',
  )
  expect(enriched).toEqual(['actor.email', 'source.geo'])
})

test('what the producer said stands, and the contradiction is listed', () => {
  const { event, enriched, conflicts } = added({ actor: { email: 'b@x', type: 'user' } }, [
    ['actor.email', 'a@x'],
    ['actor.type', 'user'],
  ])
  expect(event).toEqual({ actor: { email: 'b@x', type: 'user' } })
  expect(enriched).toBeUndefined()
  expect(conflicts).toEqual(['actor.email'])
})

test('of two enrichers the first one counts, and is no conflict', () => {
  const { event, conflicts } = added({ actor: {} }, [['actor.email', 'a@x']], [['actor.email', 'b@x']])
  expect(event).toEqual({ actor: { email: 'a@x' } })
  expect(conflicts).toBeUndefined()
})

test('what stands where nothing was known is no word of the producer', () => {
  const { event, enriched } = added(
    { actor: { type: 'unknown' }, category: 'other', outcome: { result: 'unknown' } },
    [
      ['actor.type', 'service'],
      ['category', 'iam'],
      ['outcome.result', 'success'],
    ],
  )
  expect(event).toEqual({ actor: { type: 'service' }, category: 'iam', outcome: { result: 'success' } })
  expect(enriched).toEqual(['actor.type', 'category', 'outcome.result'])
})

test('lists and objects agree by what is in them', () => {
  const { conflicts } = added(
    { actor: { groups: ['a', 'b'] }, source: { geo: { country: 'DE', city: 'Bonn' } } },
    [
      ['actor.groups', ['a', 'b']],
      ['source.geo', { country: 'DE', continent: 'EU' }],
    ],
  )
  expect(conflicts).toBeUndefined()
  expect(added({ actor: { groups: ['a'] } }, [['actor.groups', ['a', 'b']]]).conflicts).toEqual([
    'actor.groups',
  ])
})

test('an object that both describe is completed where they agree', () => {
  const bonn = { city: 'Bonn', country: 'DE', latitude: 50.73 }
  const same = added({ source: { geo: { country: 'DE', region: undefined } } }, [['source.geo', bonn]])
  expect(JSON.stringify(same.event)).toBe(
    '{"source":{"geo":{"city":"Bonn","country":"DE","latitude":50.73}}}',
  )
  expect(same.enriched).toEqual(['source.geo.city', 'source.geo.latitude'])
  expect(same.conflicts).toBeUndefined()
})

test('of a place that is another one nothing is added, and the conflict says where', () => {
  const other = added({ source: { geo: { country: 'US' } } }, [
    ['source.geo', Object.freeze({ city: 'Bonn', country: 'DE' })],
  ])
  expect(other.event).toEqual({ source: { geo: { country: 'US' } } })
  expect(other.enriched).toBeUndefined()
  expect(other.conflicts).toEqual(['source.geo.country'])
})

test('what one database said, another one completes, and cannot contradict', () => {
  const first = Object.freeze({ country: 'DE' })
  const { event, enriched, conflicts } = added(
    { source: {} },
    [['source.geo', first]],
    [['source.geo', { city: 'Bonn', country: 'DE' }]],
    [['source.geo', { city: 'Paris', country: 'FR', region: 'x' }]],
  )
  expect(event).toEqual({ source: { geo: { city: 'Bonn', country: 'DE' } } })
  expect(enriched).toEqual(['source.geo', 'source.geo.city'])
  expect(conflicts).toBeUndefined()
  expect(first).toEqual({ country: 'DE' })
})

test('levels of scope go before those of the record, or behind the last one that both have', () => {
  const organization = { id: 'acme', type: 'organization' }
  const cluster = { id: 'c1', type: 'cluster' }
  const namespace = { id: 'n1', type: 'namespace' }
  const { event, enriched } = added({ scope: [cluster, namespace] }, [['scope', [organization]]])
  expect(event.scope).toEqual([organization, cluster, namespace])
  expect(enriched).toEqual(['scope.organization'])
  const behind = added({ scope: [cluster, namespace] }, [['scope', [cluster, { id: 'p', type: 'project' }]]])
  expect(behind.event.scope).toEqual([cluster, { id: 'p', type: 'project' }, namespace])
  const other = added({ scope: [cluster] }, [['scope', [{ id: 'c2', type: 'cluster' }]]])
  expect(other.event.scope).toEqual([cluster])
  expect(other.conflicts).toEqual(['scope.cluster'])
})

test('metadata keeps names that objects treat as special', () => {
  const metadata = JSON.parse('{"__proto__":1,"a":2}')
  const { event } = added({ metadata }, [['metadata.b', 'x']])
  expect(JSON.stringify(event)).toBe('{"metadata":{"__proto__":1,"a":2,"b":"x"}}')
})
