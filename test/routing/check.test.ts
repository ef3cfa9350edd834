import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { checkRoutes } from '../../src/routing/check.ts'
import { routesConfig } from '../../src/routing/config.ts'

function check(routes: readonly object[], receivers = ['app'], sinks = ['lake']) {
  return checkRoutes({ routes: routesConfig.parse(routes), receivers, sinks }).map(
    ({ severity, path, at, message }) => `${severity} ${path.join('.')} ${at}: ${message}`,
  )
}

test('the example of docs/routing.md is sound', async () => {
  const page = await readFile(new URL('../../docs/routing.md', import.meta.url), 'utf8')
  const example: unknown = parse(/```yaml\n([^`]*)```/.exec(page)?.[1] ?? '')
  const { routes } = z.object({ routes: z.array(z.looseObject({})) }).parse(example)
  expect(routes).toHaveLength(4)
  expect(check(routes, ['app', 'orders'], ['siem', 'hook', 'lake'])).toEqual([])
})

describe('checking routes', () => {
  test('nothing to say about a sound table', () => {
    expect(
      check(
        [
          {
            name: 'noise',
            from: ['app'],
            when: 'actor.type == "system" && operation == "read"',
            drop: 'probes',
          },
          { name: 'auth', when: 'category == "authentication"', to: ['siem'], continue: true },
          { name: 'own', from: 'affiant', to: 'siem' },
          { name: 'orders', from: ['orders'], to: ['hook', 'lake'] },
          { name: 'rest', to: ['lake'] },
        ],
        ['app', 'orders'],
        ['siem', 'hook', 'lake'],
      ),
    ).toEqual([])
  })

  test('names that do not exist', () => {
    expect(check([{ from: ['ap'], to: ['laek'] }, { to: 'lake' }])).toEqual([
      'error routes.0.from value: there is no receiver "ap". Did you mean "app"? Known: app, affiant',
      'error routes.0.to value: there is no sink "laek". Did you mean "lake"? Known: lake',
    ])
  })

  test('two routes of one name, also when one name is given by default', () => {
    expect(check([{ name: 'route-2', when: 'severity > 9', to: 'lake' }, { to: 'lake' }])).toEqual([
      'error routes.1.name value: another route is named route-2: routes[0]',
    ])
  })

  test('a receiver whose events go nowhere, all or some', () => {
    expect(
      check(
        [
          { from: 'app', to: 'lake' },
          { from: 'web', when: 'severity > 9', to: 'lake' },
        ],
        ['app', 'web', 'db'],
      ),
    ).toEqual([
      'error receivers.web key: events that no condition matches would go nowhere: end with a route for the rest, { from: [web], to: […] } or { from: [web], drop: "why" }',
      'error receivers.db key: no route takes its events: add a route, as in { from: [db], to: […] }',
    ])
  })

  test('a drop for the rest is enough, and so is a route that continues', () => {
    expect(check([{ when: 'severity > 9', to: 'lake' }, { drop: 'not interesting' }])).toEqual([])
    expect(check([{ to: 'lake', continue: true }])).toEqual([])
  })

  test('a sink that gets nothing is a warning', () => {
    expect(check([{ to: 'lake' }], ['app'], ['lake', 'siem'])).toEqual([
      'warning sinks.siem key: no route leads here, so it gets nothing',
    ])
  })

  test('a route behind one that takes everything is a warning', () => {
    expect(
      check([
        { name: 'all', to: 'lake' },
        { when: 'severity > 9', to: 'lake' },
      ]),
    ).toEqual(['warning routes.1 value: nothing reaches this route: all before it takes everything'])
    expect(check([{ from: 'app', to: 'lake' }, { to: 'lake' }])).toEqual([])
  })

  test('conditions: where and what', () => {
    const [unknown, type, syntax, lines, ...others] = check([
      { when: 'actor.nmae == "x"', to: 'lake' },
      { when: 'targets.exists(t, t.typo == "invoice")', to: 'lake' },
      { when: 'severity = 9', to: 'lake' },
      { when: 'severity > 9 &&\n  raw_data == "x"', to: 'lake' },
      {
        when: 'unmapped.anything.below == 1 && metadata["x"] == 2 && targets[0].attributes.size == 1',
        to: 'lake',
      },
      { when: 'changes.exists(c, c.new.deep == 1) && integrity.sequence.number == 3', to: 'lake' },
      { when: 'actor.id.x == 1', to: 'lake' },
      { to: 'lake' },
    ])
    expect(unknown).toBe(
      'error routes.0.when value: actor has no member `nmae`, at column 7; did you mean actor.name?',
    )
    expect(type).toBe(
      'error routes.1.when value: this has no member `typo`, at column 21; did you mean type?',
    )
    expect(syntax).toBe('error routes.2.when value: `=` is no operator, at column 10; write == to compare')
    expect(lines).toMatch(/^error routes\.3\.when value: there is no `raw_data`, at line 2, column 3/)
    expect(others).toEqual(['error routes.6.when value: actor.id has no members, so no `x`, at column 10'])
  })

  test("the agent's own name is taken", () => {
    expect(check([{ to: 'lake' }], ['affiant'])).toEqual([
      "error receivers.affiant key: the name affiant is taken: routes mean the agent's own events by it",
    ])
  })
})
