/** The route table of this configuration, and what older tables in the journal said. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEvent } from '../event/audit-event.ts'
import type { EventRoutes } from '../event/own-event.ts'
import { compileRoutes } from '../routing/decide.ts'
import { compileOverrides, type SinkOverrides } from '../routing/overrides.ts'
import { ownReceiver, type RouteSpec } from '../routing/route.ts'
import { renderRouteTable, sinkMask } from '../routing/table.ts'

/** What one sink needs of a route table. */
interface Selection {
  readonly mask: Uint32Array
  readonly overrides: SinkOverrides | undefined
}

export interface RouteTable {
  readonly routes: readonly RouteSpec[]
  /** Canonical JSON: what the journal keeps. */
  readonly rendered: string
  readonly ownEvents: EventRoutes
  /** Which routes of the table with this hash name `sink`, and what they set for it. */
  selectionFor(sink: string, hash: string): Selection | Promise<Selection>
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

  const selections = new Map<string, Selection | Promise<Selection>>()
  return {
    routes,
    rendered,
    ownEvents: {
      words: decider.words,
      match: (event: AuditEvent, bits: Uint32Array) => {
        decider.decide({ ...event }, bits, 0)
      },
    },
    selectionFor(sink, table) {
      const key = `${table} ${sink}`
      let selection = selections.get(key)
      if (selection === undefined) {
        selection = table === hash ? selectionOf(routes, sink) : olderSelection(dataDir, table, sink)
        selections.set(key, selection)
        if (selection instanceof Promise) {
          selection.then(
            (found) => selections.set(key, found),
            () => selections.delete(key),
          )
        }
      }
      return selection
    },
  }
}

const selectionOf = (routes: readonly RouteSpec[], sink: string): Selection => ({
  mask: sinkMask(routes, sink),
  overrides: compileOverrides(routes, sink),
})

async function olderSelection(dataDir: string, hash: string, sink: string): Promise<Selection> {
  const routes: RouteSpec[] = JSON.parse(await readFile(join(dataDir, 'routes', `${hash}.json`), 'utf8'))
  return selectionOf(routes, sink)
}
