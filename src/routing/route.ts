/** A route, ready to be compiled: plain JSON, so that a worker thread can compile the same ones. */
export interface RouteSpec {
  readonly name: string
  /** Receivers; absent = all, the agent's own events included. */
  readonly from?: readonly string[]
  /** CEL over the event. */
  readonly when?: string
  /** Sinks; empty for a route that drops. */
  readonly to: readonly string[]
  /** What it sets for its sinks: sink → option → template; `headers.x-team` for one of several headers. */
  readonly override?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Why events are dropped. */
  readonly drop?: string
  /** Whether later routes are tried after this one matched. */
  readonly continue: boolean
}

/** What the agent's own events are received as; `from: [affiant]` means them. */
export const ownReceiver = 'affiant'

export function appliesTo(route: RouteSpec, receiver: string): boolean {
  return route.from === undefined || route.from.includes(receiver)
}
