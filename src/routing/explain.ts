/** A decision with its reasons: what `compileRoutes` decides in one pass, route by route for people. */
import { compileExpression } from '../cel/compile.ts'
import { readsOf } from '../cel/reads.ts'
import { failed } from '../cel/value.ts'
import { eventVariables } from './event-variables.ts'
import { appliesTo, type RouteSpec } from './route.ts'

/**
 * matches; other_receiver: its `from` does not name the receiver; not_true: its condition is false; undecided: its condition
 * reads what this event does not have, which counts as not true; not_reached: a route before it ended the search.
 */
type RouteVerdict = 'matches' | 'other_receiver' | 'not_true' | 'undecided' | 'not_reached'

export interface ExplainedRoute {
  readonly route: RouteSpec
  /** In the table: bit `index` stands for it. */
  readonly index: number
  readonly verdict: RouteVerdict
  /** What its condition reads, where it was asked: `['actor', 'type']` and its value; undefined: absent. */
  readonly reads: readonly { readonly path: readonly string[]; readonly value: unknown }[]
}

export interface ExplainedDecision {
  readonly routes: readonly ExplainedRoute[]
  /** The route that takes the event out; undefined where it stays. */
  readonly dropped: RouteSpec | undefined
}

/** @throws CelError for a condition that is wrong */
export function explainRoutes(
  routes: readonly RouteSpec[],
  receiver: string,
  event: Readonly<Record<string, unknown>>,
): ExplainedDecision {
  let ended = false
  let kept = false
  let dropped: RouteSpec | undefined
  const explained = routes.map((route, index): ExplainedRoute => {
    if (ended) return { route, index, verdict: 'not_reached', reads: [] }
    if (!appliesTo(route, receiver)) return { route, index, verdict: 'other_receiver', reads: [] }
    const { verdict, reads } = ask(route.when, event)
    if (verdict === 'matches') {
      ended = !route.continue || route.drop !== undefined
      if (route.drop === undefined) kept = true
      else if (!kept) dropped = route
    }
    return { route, index, verdict, reads }
  })
  return { routes: explained, dropped }
}

function ask(
  when: string | undefined,
  event: Readonly<Record<string, unknown>>,
): Pick<ExplainedRoute, 'verdict' | 'reads'> {
  if (when === undefined) return { verdict: 'matches', reads: [] }
  const value = compileExpression(when, eventVariables).evaluate(event)
  const verdict = value === true ? 'matches' : value === failed ? 'undecided' : 'not_true'
  return { verdict, reads: readsOf(when).map((path) => ({ path, value: at(event, path) })) }
}

function at(event: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value: unknown, member) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, member)
        ? Reflect.get(value, member)
        : undefined,
    event,
  )
}
