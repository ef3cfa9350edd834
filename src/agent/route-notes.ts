/** What routes dropped on purpose, summed up: not loss, but it must be on record that it was taken out, and why. */
import type { Clock } from '../clock.ts'
import type { RouteSpec } from '../routing/route.ts'
import type { OwnEventDraft } from './own-events.ts'
import type { OwnLog } from './own-log.ts'

/** One event a route in this time, at most. Milliseconds. */
const every = 60_000

/** `from`, `to`: unix milliseconds. */
export function routeDropped(
  route: string,
  { count, reason, from, to }: { count: number; reason: string; from: number; to: number },
): OwnEventDraft {
  return {
    action: 'affiant.route.dropped',
    operation: 'other',
    targets: [{ id: route, type: 'route' }],
    metadata: { count, reason, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
  }
}

export class RouteNotes {
  readonly #routes: readonly RouteSpec[]
  readonly #clock: Pick<Clock, 'now'>
  readonly #ownLog: Pick<OwnLog, 'record'>
  /** By route: what has been dropped since it was told last. */
  readonly #untold = new Map<number, { count: number; readonly from: number }>()

  constructor(routes: readonly RouteSpec[], clock: Pick<Clock, 'now'>, ownLog: Pick<OwnLog, 'record'>) {
    this.#routes = routes
    this.#clock = clock
    this.#ownLog = ownLog
  }

  /** Routes by their index in the table. */
  dropped(route: number, count: number): void {
    const untold = this.#untold.get(route)
    if (untold === undefined) this.#untold.set(route, { count, from: this.#clock.now() })
    else untold.count += count
  }

  /** Tells what began a minute ago or earlier; all of it, at the end. */
  tell(end = false): void {
    const to = this.#clock.now()
    for (const [route, { count, from }] of this.#untold) {
      if (!end && to - from < every) continue
      this.#untold.delete(route)
      const { name = String(route), drop: reason = '' } = this.#routes[route] ?? {}
      this.#ownLog.record(routeDropped(name, { count, reason, from, to }), `route.dropped ${name}`)
    }
  }
}
