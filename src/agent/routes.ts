/** The route table of this configuration, and what older tables in the journal said. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEvent } from '../event/audit-event.ts'
import type { EventRoutes } from '../event/own-event.ts'
import { compileRoutes, kept, type RouteDecider } from '../routing/decide.ts'
import { compileOverrides, type Overrides, type SinkOverrides } from '../routing/overrides.ts'
import { ownReceiver, type RouteSpec } from '../routing/route.ts'
import { renderRouteTable, sinkMask } from '../routing/table.ts'
import type { EventView } from '../sinks/sink.ts'

/** What one sink needs of a route table. */
interface Selection {
  readonly mask: Uint32Array
  readonly overrides: SinkOverrides | undefined
}

export interface RouteTable {
  readonly routes: readonly RouteSpec[]
  /** Canonical JSON: what the journal keeps. */
  readonly rendered: string
  /** SHA-256 (hex) of that: what the journal's blocks name it by. */
  readonly hash: string
  readonly ownEvents: EventRoutes
  /** What is decided by for this receiver's events: bits are indexes into it. */
  forReceiver(receiver: string): readonly RouteSpec[]
  /** Which routes of the table with this hash name `sink`, and what they set for it. */
  selectionFor(sink: string, hash: string): Selection | Promise<Selection>
  /** What the routes of this configuration set for `sink`, would the event come now: at least one, `undefined` for nothing. */
  overridesNow(sink: string, view: EventView): readonly (Overrides | undefined)[]
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
  const deciders = new Map<string, RouteDecider>([[ownReceiver, decider]])
  const deciderFor = (receiver: string): RouteDecider => {
    let known = deciders.get(receiver)
    if (known === undefined) {
      known = compileRoutes(routes, receiver)
      deciders.set(receiver, known)
    }
    return known
  }

  const present = new Map<string, Selection>()
  const presentFor = (sink: string): Selection => {
    let selection = present.get(sink)
    if (selection === undefined) {
      selection = selectionOf(routes, sink)
      present.set(sink, selection)
    }
    return selection
  }
  const selections = new Map<string, Selection | Promise<Selection>>()
  return {
    routes,
    rendered,
    hash,
    forReceiver: (receiver) => (receiver === ownReceiver ? forOwn : routes),
    ownEvents: {
      words: decider.words,
      match: (event: AuditEvent, bits: Uint32Array) => {
        decider.decide({ ...event }, bits, 0)
      },
    },
    overridesNow(sink, view) {
      const { overrides } = presentFor(sink)
      if (overrides === undefined) return nothing
      const bits = new Uint32Array(decider.words)
      if (deciderFor(receiverOf(view.event)).decide(view.event, bits, 0) !== kept) return nothing
      return overrides.variants(bits, 0, view)
    },
    selectionFor(sink, table) {
      const key = `${table} ${sink}`
      let selection = selections.get(key)
      if (selection === undefined) {
        selection = table === hash ? presentFor(sink) : olderSelection(dataDir, table, sink)
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

const nothing: readonly undefined[] = [undefined]

function receiverOf({ provenance }: Readonly<Record<string, unknown>>): string {
  const isKnown = typeof provenance === 'object' && provenance !== null && 'receiver' in provenance
  return isKnown ? String(provenance.receiver) : ''
}

const selectionOf = (routes: readonly RouteSpec[], sink: string): Selection => ({
  mask: sinkMask(routes, sink),
  overrides: compileOverrides(routes, sink),
})

async function olderSelection(dataDir: string, hash: string, sink: string): Promise<Selection> {
  const routes: RouteSpec[] = JSON.parse(await readFile(join(dataDir, 'routes', `${hash}.json`), 'utf8'))
  return selectionOf(routes, sink)
}
