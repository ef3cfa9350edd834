/** The route table of this configuration, and what older tables in the journal said. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEvent } from '../event/audit-event.ts'
import type { EventRoutes } from '../event/own-event.ts'
import { compileRoutes } from '../routing/decide.ts'
import { ownReceiver, type RouteSpec } from '../routing/route.ts'
import { renderRouteTable, sinkMask } from '../routing/table.ts'

export interface RouteTable {
  readonly routes: readonly RouteSpec[]
  /** Canonical JSON: what the journal keeps. */
  readonly rendered: string
  readonly ownEvents: EventRoutes
  /** Which routes of the table with this hash name `sink`. */
  maskFor(sink: string, hash: string): Uint32Array | Promise<Uint32Array>
}

/**
 * Own events are never left without a destination: unless a route speaks of them by name, they go to every sink when
 * no other route takes them, and only a route that names them can drop them.
 */
export function createRouteTable(
  configured: readonly RouteSpec[],
  sinks: readonly string[],
  dataDir: string,
): RouteTable {
  const named = configured.some(({ from }) => from?.includes(ownReceiver))
  const fallback: RouteSpec = { name: ownReceiver, from: [ownReceiver], to: sinks, continue: false }
  const routes = named ? configured : [...configured, fallback]
  const rendered = renderRouteTable(routes)
  const hash = createHash('sha256').update(rendered).digest('hex')

  const forOwn = routes.map((route) =>
    route.drop !== undefined && route.from === undefined ? { ...route, from: [] } : route,
  )
  const decider = compileRoutes(forOwn, ownReceiver)

  const masks = new Map<string, Uint32Array | Promise<Uint32Array>>()
  return {
    routes,
    rendered,
    ownEvents: {
      words: decider.words,
      match: (event: AuditEvent, bits: Uint32Array) => {
        decider.decide({ ...event }, bits, 0)
      },
    },
    maskFor(sink, table) {
      const key = `${table} ${sink}`
      let mask = masks.get(key)
      if (mask === undefined) {
        mask = table === hash ? sinkMask(routes, sink) : olderMask(dataDir, table, sink)
        masks.set(key, mask)
        if (mask instanceof Promise) {
          mask.then(
            (found) => masks.set(key, found),
            () => masks.delete(key),
          )
        }
      }
      return mask
    },
  }
}

async function olderMask(dataDir: string, hash: string, sink: string): Promise<Uint32Array> {
  const routes: RouteSpec[] = JSON.parse(await readFile(join(dataDir, 'routes', `${hash}.json`), 'utf8'))
  return sinkMask(routes, sink)
}
