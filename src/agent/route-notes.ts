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
  readonly #clock: Pick<Clock, 'now'>
  readonly #ownLog: Pick<OwnLog, 'record'>
  /** What has been dropped since it was told last, by route: one that says something else now is another one. */
  readonly #untold = new Map<string, { readonly route: RouteSpec; count: number; readonly from: number }>()

  constructor(clock: Pick<Clock, 'now'>, ownLog: Pick<OwnLog, 'record'>) {
    this.#clock = clock
    this.#ownLog = ownLog
  }

  dropped(route: RouteSpec, count: number): void {
    const key = JSON.stringify([route.name, route.drop])
    const untold = this.#untold.get(key)
    if (untold === undefined) this.#untold.set(key, { route, count, from: this.#clock.now() })
    else untold.count += count
  }

  /** Tells what began a minute ago or earlier; all of it, at the end. */
  tell(end = false): void {
    const to = this.#clock.now()
    for (const [key, { route, count, from }] of this.#untold) {
      if (!end && to - from < every) continue
      this.#untold.delete(key)
      const { name, drop: reason = '' } = route
      this.#ownLog.record(routeDropped(name, { count, reason, from, to }), `route.dropped ${name}`)
    }
  }
}
