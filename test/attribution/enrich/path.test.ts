import { expect, test } from 'vitest'
import { pathEnricher, pathProblem } from '../../../src/attribution/enrich/path.ts'

const stream = (path?: string) => ({ id: '0'.repeat(32), receiver: 'app', ...(path && { path }) })
const set = { 'scope.tenant': 'tenant', 'producer.service': 'service' }
const scope = (id: string) => [{ id, type: 'tenant' }]

test.each([
  ['/srv/acme/logs/billing.log', { scope: scope('acme'), 'producer.service': 'billing' }],
  ['/srv/acme/logs/a/b/billing.log', undefined],
  ['/srv/acme/x/logs/billing.log', undefined],
  ['/srv/acme/logs/billing.log.1', undefined],
  ['/data/srv/acme/logs/billing.log', undefined],
])('a template stands for the whole of %s', (path, expected) => {
  const { additionsFor } = pathEnricher({ template: '/srv/{tenant}/logs/{service}.log', set })
  const found = additionsFor(stream(path)).map(({ member, value }) => [member, value])
  expect(found).toEqual(expected === undefined ? [] : Object.entries(expected))
})

test('* is any part of a name, ** any directories, everything else itself', () => {
  const { additionsFor } = pathEnricher({
    template: '/srv/**/{tenant}/*.(log)',
    set: { 'scope.tenant': 'tenant' },
  })
  for (const path of ['/srv/acme/a.(log)', '/srv/x/y/acme/.(log)']) {
    expect(additionsFor(stream(path))).toMatchObject([{ member: 'scope', value: scope('acme') }])
  }
  expect(additionsFor(stream('/srv/acme/a.log'))).toEqual([])
})

test('a pattern is found anywhere; a group without a part in it sets nothing', () => {
  const pattern = '/tenants/(?P<tenant>[a-z]+)(?:/(?P<service>[a-z]+))?\\.log'
  const { additionsFor, sets } = pathEnricher({ pattern, set })
  expect(sets).toEqual(['scope', 'producer.service'])
  expect(additionsFor(stream('/x/tenants/acme.log'))).toMatchObject([{ value: scope('acme') }])
  expect(additionsFor(stream('/x/tenants/acme/web.log'))).toHaveLength(2)
})

test('of a stream without a path nothing is known, and what does not fit is left out', () => {
  const { additionsFor } = pathEnricher({ template: '/{type}.log', set: { 'actor.type': 'type' } })
  expect(additionsFor(stream())).toEqual([])
  expect(additionsFor(stream('/robot.log'))).toEqual([])
  expect(additionsFor(stream('/service.log'))).toMatchObject([{ value: 'service' }])
})

test.each([
  [{ set }, /either `pattern` or `template`/],
  [{ template: '/a', pattern: 'a', set }, /either/],
  [
    { template: '/a/{b', set },
    'template: the { at character 4 of "/a/{b" is not closed within a name: a part is written {name}',
  ],
  [{ template: '/a/{b/c}', set }, /the \{ at character 4 of .* is not closed within a name/],
  [
    { template: '/a}/{b}', set },
    'template: the } at character 3 of "/a}/{b}" closes nothing: a part is written {name}',
  ],
  [
    { template: '/{a-b}', set },
    /^template: \{a-b\} at character 2 of .* is no name of letters, digits and _/,
  ],
  [{ template: '/{a}/{a}', set }, /^template: \{a\} at character 6 of .* is there already/],
  [{ pattern: '/(?P<a', set }, /^pattern: invalid named capture: `\(\?P<a`$/],
  [{ template: '/{tenant}/a.log', set }, /there is no "service" in it, but tenant$/],
  [{ pattern: '(?P<tenant>[', set }, /^pattern: .*missing closing/],
  [{ pattern: '(?=a)', set }, /^pattern: /],
])('%j is refused', (spec, message) => {
  expect(pathProblem(spec)).toMatch(message)
})
