import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CelError } from '../../src/cel/error.ts'
import { compileRoutes, kept } from '../../src/routing/decide.ts'
import type { RouteSpec } from '../../src/routing/route.ts'

const route = (spec: Partial<RouteSpec>): RouteSpec => ({
  name: 'r',
  to: spec.drop === undefined ? ['lake'] : [],
  continue: false,
  ...spec,
})

const noise = route({ from: ['app'], when: 'actor.type == "system"', drop: 'probes', to: [] })
const logins = route({ when: 'category == "authentication"', to: ['siem'], continue: true })
const orders = route({ from: ['orders'], to: ['hook', 'lake'] })
const rest = route({ to: ['lake'] })
const table = [noise, logins, orders, rest]

function decide(routes: readonly RouteSpec[], receiver: string, event: object) {
  const decider = compileRoutes(routes, receiver)
  const into = new Uint32Array(decider.words + 2).fill(0xffffffff)
  const dropped = decider.decide({ ...event }, into, 1)
  expect(into[0]).toBe(0xffffffff)
  expect(into.at(-1)).toBe(0xffffffff)
  const matched = routes.flatMap((_, index) =>
    (into[1 + (index >>> 5)]! >>> (index & 31)) & 1 ? [index] : [],
  )
  return { dropped, matched }
}

const user = { actor: { type: 'user' }, category: 'data' }
const probe = { actor: { type: 'system' }, category: 'data' }

describe('a decision', () => {
  test.each([
    ['falls through to the last route', 'app', user, { dropped: kept, matched: [3] }],
    ['drops by name', 'app', probe, { dropped: 0, matched: [] }],
    ['drops only from the receivers named', 'orders', probe, { dropped: kept, matched: [2] }],
    ['ends at the first match', 'orders', user, { dropped: kept, matched: [2] }],
    ['goes on after continue', 'orders', { category: 'authentication' }, { dropped: kept, matched: [1, 2] }],
    ['takes an absent member for no match', 'app', {}, { dropped: kept, matched: [3] }],
  ])('%s', (_, receiver, event, expected) => {
    expect(decide(table, receiver, event)).toEqual(expected)
  })

  test('an event that a continuing route has sent somewhere is not dropped, only routed no further', () => {
    const routes = [logins, { ...noise, from: ['app'] }, rest]
    expect(decide(routes, 'app', { ...probe, category: 'authentication' })).toEqual({
      dropped: kept,
      matched: [0],
    })
    expect(decide(routes, 'app', probe)).toEqual({ dropped: 1, matched: [] })
  })

  test('no route at all: kept, and routed nowhere', () => {
    expect(decide([], 'app', user)).toEqual({ dropped: kept, matched: [] })
  })

  test('a condition that is wrong throws when compiled, if it concerns the receiver', () => {
    const routes = [route({ from: ['orders'], when: 'actr.id == "x"' }), rest]
    expect(() => compileRoutes(routes, 'orders')).toThrow(CelError)
    expect(compileRoutes(routes, 'app').constant).toBeDefined()
  })
})

describe('the constant answer', () => {
  test('when no condition applies to the receiver', () => {
    const { constant } = compileRoutes([{ ...noise, from: ['other'] }, orders, rest], 'orders')
    expect(constant).toEqual({ bits: Uint32Array.of(0b10), dropped: kept })
  })

  test('a condition behind a route that takes everything never runs', () => {
    expect(compileRoutes([orders, logins, rest], 'orders').constant).toEqual({
      bits: Uint32Array.of(1),
      dropped: kept,
    })
  })

  test('everything is dropped', () => {
    expect(compileRoutes([{ ...noise, from: ['x'] }, route({ drop: 'test data' })], 'app').constant).toEqual({
      bits: Uint32Array.of(0),
      dropped: 1,
    })
  })

  test('absent where a condition decides', () => {
    expect(compileRoutes(table, 'app').constant).toBeUndefined()
  })
})

test('agrees with the rules read literally, for tables of any length', () => {
  const spec = fc.record({
    from: fc.option(fc.constantFrom(['app'], ['orders'], ['app', 'orders']), { nil: undefined }),
    severity: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    drop: fc.boolean(),
    goesOn: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(spec, { maxLength: 70 }),
      fc.constantFrom('app', 'orders', 'affiant'),
      fc.integer({ min: 1, max: 4 }),
      (specs, receiver, severity) => {
        const routes = specs.map(({ from, severity: level, drop, goesOn }) =>
          route({
            ...(from && { from }),
            ...(level && { when: `severity == ${level}` }),
            ...(drop ? { drop: 'why', to: [] } : { continue: goesOn }),
          }),
        )
        const matched: number[] = []
        let dropped = kept
        for (const [index, { from, when, drop, continue: goesOn }] of routes.entries()) {
          if (from && !from.includes(receiver)) continue
          if (when && when !== `severity == ${severity}`) continue
          if (drop) {
            if (matched.length === 0) dropped = index
            break
          }
          matched.push(index)
          if (!goesOn) break
        }
        expect(decide(routes, receiver, { severity })).toEqual({ dropped, matched })
        const { constant, words } = compileRoutes(routes, receiver)
        expect(words).toBe(Math.max(1, Math.ceil(routes.length / 32)))
        if (constant) {
          expect(constant.dropped).toBe(dropped)
          expect([...constant.bits].some((word) => word !== 0)).toBe(matched.length > 0)
        }
      },
    ),
  )
})
