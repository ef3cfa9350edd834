import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRoutes, kept } from '../../src/routing/decide.ts'
import { explainRoutes } from '../../src/routing/explain.ts'
import type { RouteSpec } from '../../src/routing/route.ts'

const route = (name: string, spec: Partial<RouteSpec>): RouteSpec => ({
  name,
  to: spec.drop === undefined ? ['lake'] : [],
  continue: false,
  ...spec,
})

const noise = route('noise', { from: ['app'], when: 'actor.type == "system"', drop: 'probes' })
const logins = route('logins', { when: 'category == "authentication"', to: ['siem'], continue: true })
const sessions = route('sessions', { when: 'session.id == "s"', continue: true })
const rest = route('rest', {})

const verdicts = (routes: readonly RouteSpec[], receiver: string, event: object) => {
  const { routes: explained, dropped } = explainRoutes(routes, receiver, { ...event })
  return { verdicts: explained.map(({ verdict }) => verdict), dropped: dropped?.name }
}

test('each route says why it matched or did not', () => {
  const routes = [noise, logins, sessions, rest, rest]
  const user = { actor: { type: 'user' }, category: 'authentication' }
  expect(verdicts(routes, 'app', user)).toEqual({
    verdicts: ['not_true', 'matches', 'undecided', 'matches', 'not_reached'],
    dropped: undefined,
  })
  expect(verdicts(routes, 'orders', user).verdicts[0]).toBe('other_receiver')
  expect(verdicts(routes, 'app', { actor: { type: 'system' } })).toEqual({
    verdicts: ['matches', 'not_reached', 'not_reached', 'not_reached', 'not_reached'],
    dropped: 'noise',
  })
})

test('what a route before has taken is not dropped', () => {
  const both = { actor: { type: 'system' }, category: 'authentication' }
  expect(verdicts([logins, noise, rest], 'app', both)).toEqual({
    verdicts: ['matches', 'matches', 'not_reached'],
    dropped: undefined,
  })
})

test('what a condition read, with what the event has there', () => {
  const [explained] = explainRoutes([sessions, rest], 'app', { session: { id: 7 } }).routes
  expect(explained).toMatchObject({ verdict: 'not_true', reads: [{ path: ['session', 'id'], value: 7 }] })
  const [absent] = explainRoutes([sessions, rest], 'app', {}).routes
  expect(absent).toMatchObject({
    verdict: 'undecided',
    reads: [{ path: ['session', 'id'], value: undefined }],
  })
})

test('the explanation is what the agent decides, whatever the routes and the event', () => {
  const conditions = [
    'actor.type == "a"',
    'category == "x"',
    'session.id != "s"',
    'has(session.id)',
    'targets.exists(t, t.id == "1") || category == "x"',
  ]
  const spec = fc.record(
    {
      from: fc.constantFrom(['app'], ['orders'], ['app', 'orders']),
      when: fc.constantFrom(...conditions),
      drop: fc.constant('why'),
      continue: fc.boolean(),
    },
    { requiredKeys: ['continue'] },
  )
  const event = fc.record(
    {
      actor: fc.record({ type: fc.constantFrom('a', 'b') }),
      category: fc.constantFrom('x', 'y'),
      session: fc.constantFrom({}, { id: 's' }, { id: 't' }),
      targets: fc.constantFrom([{ id: '1' }], [{ id: '2' }]),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 40 }), event, (specs, given) => {
      const routes = specs.map((each, index) => route(`r${index}`, each))
      const decider = compileRoutes(routes, 'app')
      const bits = new Uint32Array(decider.words)
      const dropped = decider.decide(given, bits, 0)
      const matched = routes.flatMap((_, index) => ((bits[index >>> 5]! >>> (index & 31)) & 1 ? [index] : []))
      const explained = explainRoutes(routes, 'app', given)
      expect(explained.dropped).toBe(dropped === kept ? undefined : routes[dropped])
      const taken = explained.routes.filter(
        (each) => each.verdict === 'matches' && each.route.drop === undefined,
      )
      expect(taken.map(({ index }) => index)).toEqual(matched)
    }),
  )
})
