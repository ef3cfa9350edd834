import fc from 'fast-check'
import { expect, test } from 'vitest'
import { routesConfig } from '../../src/routing/config.ts'
import { compileRoutes } from '../../src/routing/decide.ts'
import { compileOverrides } from '../../src/routing/overrides.ts'

const eventOf = (team: string, kind: string) => ({
  actor: { id: team },
  category: kind,
  scope: [{ type: 'organization', id: team }],
})

test('routes without overrides for a sink cost it nothing', () => {
  const routes = routesConfig.parse([{ to: ['siem', 'lake'], override: { siem: { index: 'a' } } }])
  expect(compileOverrides(routes, 'lake')).toBeUndefined()
  expect(compileOverrides(routes, 'siem')).toBeDefined()
})

test('options are templates over the event; maps are flattened; what has no value sets nothing', () => {
  const routes = routesConfig.parse([
    {
      to: ['siem', 'hook'],
      override: {
        siem: { index: 'team_{scope("organization").id}', host: '{session.id}' },
        hook: { headers: { 'X-Team': '{actor.id}', 'X-None': '{session.id}' } },
      },
    },
  ])
  const variants = (sink: string) =>
    compileOverrides(routes, sink)!.variants(Uint32Array.of(1), 0, { event: eventOf('a', 'data') })
  expect(variants('siem')).toEqual([{ index: 'team_a' }])
  expect(variants('hook')).toEqual([{ 'headers.x-team': 'a' }])
})

test('each event goes once for each difference that its routes set, as a naive reading of the table says', () => {
  const templates = fc.constantFrom(undefined, 'fixed', '{actor.id}', '{category}', '{session.id}')
  const tables = fc.array(
    fc.record({
      when: fc.constantFrom(undefined, 'category == "data"', 'actor.id == "a"'),
      index: templates,
      continue: fc.boolean(),
      leads: fc.boolean(),
    }),
    { minLength: 1, maxLength: 70 },
  )
  fc.assert(
    fc.property(
      tables,
      fc.constantFrom('a', 'b', 'data'),
      fc.constantFrom('data', 'other'),
      (table, team, kind) => {
        const routes = routesConfig.parse(
          table.map(({ when, index, continue: on, leads }) => ({
            ...(when !== undefined && { when }),
            to: leads ? ['siem', 'lake'] : ['lake'],
            continue: on,
            ...(leads && index !== undefined && { override: { siem: { index } } }),
          })),
        )
        const event = eventOf(team, kind)
        const expected = new Set<string | undefined>()
        for (const { when, index, continue: on, leads } of table) {
          const matches = when === undefined || (when.startsWith('category') ? kind === 'data' : team === 'a')
          if (!matches) continue
          if (leads) {
            const values: Record<string, string | undefined> = {
              '{actor.id}': team,
              '{category}': kind,
              fixed: 'fixed',
            }
            expected.add(index === undefined ? undefined : values[index])
          }
          if (!on) break
        }
        const decider = compileRoutes(routes, 'app')
        const bits = new Uint32Array(decider.words + 1)
        decider.decide(event, bits, 1)
        const found = compileOverrides(routes, 'siem')?.variants(bits, 1, { event }) ?? [undefined]
        const indexes = found.map((set) => set?.index)
        expect(new Set(indexes).size).toBe(indexes.length)
        if (expected.size > 0) expect(new Set(indexes)).toEqual(expected)
      },
    ),
    { numRuns: 300 },
  )
})
