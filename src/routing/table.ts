/** The route table as the journal and the sinks know it. */
import { canonicalize } from '../event/canonical.ts'
import type { RouteSpec } from './route.ts'

/** Canonical JSON of the table: its hash names what the route bits of a journal segment mean. */
export function renderRouteTable(routes: readonly RouteSpec[]): string {
  return canonicalize(routes)
}

/** Which route bits send an event to `sink`, in the words of `EncodedBatch.routes`. */
export function sinkMask(routes: readonly RouteSpec[], sink: string): Uint32Array {
  const mask = new Uint32Array(Math.max(1, Math.ceil(routes.length / 32)))
  for (const [index, route] of routes.entries()) {
    if (route.to.includes(sink)) mask[index >>> 5] = mask[index >>> 5]! | (1 << (index & 31))
  }
  return mask
}
