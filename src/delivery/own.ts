/**
 * Which events are the agent's own. What happens to those alone is not told again: an own event that a destination
 * refuses would otherwise be followed by another, and that by the next.
 */
import { ownReceiver } from '../routing/route.ts'
import type { DeliveryBatch } from '../sinks/sink.ts'
import { partOf } from './batch.ts'
import type { Span } from './bisect.ts'

/** Own events are short; what is longer need not be parsed to be told apart. Bytes. */
const longest = 64 * 1024

/** Whether the spans hold nothing but own events. */
export function areOwn(batch: DeliveryBatch, spans: readonly Span[]): boolean {
  return spans.every(({ from, to }) => {
    for (let index = from; index < to; index++) if (!isOwn(batch, index)) return false
    return true
  })
}

export function isOwn(batch: DeliveryBatch, index: number): boolean {
  if (batch.lengths[index]! > longest) return false
  const { lines, lengths } = partOf(batch, index, index + 1)
  const event: unknown = JSON.parse(lines.subarray(0, lengths[0]).toString())
  if (typeof event !== 'object' || event === null || !('provenance' in event)) return false
  const { provenance } = event
  return (
    typeof provenance === 'object' &&
    provenance !== null &&
    'receiver' in provenance &&
    provenance.receiver === ownReceiver
  )
}
