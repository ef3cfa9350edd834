/** What only shows when routes, receivers and sinks are seen together. */
import { compileCondition } from '../cel/condition.ts'
import { CelError } from '../cel/error.ts'
import { nearest } from '../cel/nearest.ts'
import { compileTemplate } from '../cel/template.ts'
import type { Finding, Path } from '../config/problem.ts'
import { eventFields } from './event-fields.ts'
import { appliesTo, ownReceiver, type RouteSpec } from './route.ts'

export interface RoutedConfig {
  readonly routes: readonly RouteSpec[]
  /** Names of the configured receivers and sinks. */
  readonly receivers: readonly string[]
  readonly sinks: readonly string[]
  /** Options of a sink that its configuration lets routes set; undefined where that is not known. */
  readonly overridable?: (sink: string) => readonly string[] | undefined
  /** A sink that needs no routes. */
  readonly fallback?: string | undefined
}

/** Everything that is wrong with the routes, in the order of the file. */
export function checkRoutes({
  routes,
  receivers,
  sinks,
  overridable = () => undefined,
  fallback,
}: RoutedConfig): Finding[] {
  return [
    ...routes.flatMap((route, index) => [
      ...checkName(routes, route, index),
      ...checkNames(route.from ?? [], [...receivers, ownReceiver], 'receiver', ['routes', index, 'from']),
      ...checkNames(route.to, sinks, 'sink', ['routes', index, 'to']),
      ...checkWhen(route, index),
      ...checkOverrides(route, index, overridable),
      ...checkReach(routes, receivers, index),
    ]),
    ...receivers.flatMap((receiver) => checkReceiver(routes, receiver)),
    ...sinks.flatMap((sink) => (sink === fallback ? [] : checkSink(routes, sink))),
  ]
}

function checkName(routes: readonly RouteSpec[], route: RouteSpec, index: number): Finding[] {
  const first = routes.findIndex(({ name }) => name === route.name)
  if (first === index) return []
  return [error(['routes', index, 'name'], `another route is named ${route.name}: routes[${first}]`)]
}

function checkNames(
  named: readonly string[],
  known: readonly string[],
  what: 'receiver' | 'sink',
  path: Path,
): Finding[] {
  return named
    .filter((one) => !known.includes(one))
    .map((one) => {
      const close = nearest(one, known)
      const guess = close === undefined ? '' : ` Did you mean "${close}"?`
      return error(path, `there is no ${what} "${one}".${guess} Known: ${known.join(', ') || 'none'}`)
    })
}

function checkWhen({ when }: RouteSpec, index: number): Finding[] {
  if (when === undefined) return []
  try {
    compileCondition(when, eventFields())
    return []
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown
    const { line, column, message, hint } = thrown
    const place = when.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`
    return [
      error(['routes', index, 'when'], `${message}, at ${place}${hint === undefined ? '' : `; ${hint}`}`),
    ]
  }
}

function checkOverrides(
  { override = {} }: RouteSpec,
  index: number,
  overridable: NonNullable<RoutedConfig['overridable']>,
): Finding[] {
  return Object.entries(override).flatMap(([sink, options]) =>
    Object.entries(options).flatMap(([option, source]): Finding[] => {
      const path = ['routes', index, 'override', sink, option.split('.')[0]!]
      const allowed = overridable(sink)
      if (allowed !== undefined && !allowed.includes(option)) {
        const known = allowed.length === 0 ? 'none' : allowed.join(', ')
        return [error(path, `sink ${sink} lets no route set ${option}; it allows: ${known}`)]
      }
      try {
        compileTemplate(source, source.includes('{') ? eventFields() : {})
        return []
      } catch (thrown) {
        if (!(thrown instanceof CelError)) throw thrown
        const hint = thrown.hint === undefined ? '' : `; ${thrown.hint}`
        return [error(path, `${thrown.message}, at column ${thrown.column}${hint}`)]
      }
    }),
  )
}

/** A route that no event can reach is a mistake of order. */
function checkReach(routes: readonly RouteSpec[], receivers: readonly string[], index: number): Finding[] {
  const all = [...receivers, ownReceiver]
  const applying = all.filter((receiver) => appliesTo(routes[index]!, receiver))
  const before = routes.slice(0, index)
  const takenBy = (receiver: string) =>
    before.find((route) => appliesTo(route, receiver) && route.when === undefined && !route.continue)
  const first = applying[0] === undefined ? undefined : takenBy(applying[0])
  if (first === undefined || !applying.every((receiver) => takenBy(receiver) !== undefined)) return []
  return [warning(['routes', index], `nothing reaches this route: ${first.name} before it takes everything`)]
}

function checkReceiver(routes: readonly RouteSpec[], receiver: string): Finding[] {
  const path = ['receivers', receiver]
  if (receiver === ownReceiver) {
    return [error(path, `the name ${ownReceiver} is taken: routes mean the agent's own events by it`, 'key')]
  }
  const applying = routes.filter((route) => appliesTo(route, receiver))
  if (applying.length === 0) {
    return [
      error(path, `no route takes its events: add a route, as in { from: [${receiver}], to: […] }`, 'key'),
    ]
  }
  if (applying.some((route) => route.when === undefined)) return []
  const rest = `{ from: [${receiver}], to: […] } or { from: [${receiver}], drop: "why" }`
  return [
    error(
      path,
      `events that no condition matches would go nowhere: end with a route for the rest, ${rest}`,
      'key',
    ),
  ]
}

function checkSink(routes: readonly RouteSpec[], sink: string): Finding[] {
  if (routes.some(({ to }) => to.includes(sink))) return []
  return [warning(['sinks', sink], 'no route leads here, so it gets nothing', 'key')]
}

const error = (path: Path, message: string, at: Finding['at'] = 'value'): Finding => ({
  severity: 'error',
  path,
  at,
  message,
})

const warning = (path: Path, message: string, at: Finding['at'] = 'value'): Finding => ({
  severity: 'warning',
  path,
  at,
  message,
})
