/** A batch event by event. */
import type { DeliveryBatch } from '../sink.ts'

/** Its first event, with a key of its own, which it has in every attempt, however its batch is cut. */
export function firstOf({
  origin,
  lines,
  lengths,
  firstSeq,
}: DeliveryBatch): Pick<DeliveryBatch, 'lines' | 'lengths' | 'key'> {
  return {
    lines: lines.subarray(0, lengths[0]),
    lengths: lengths.subarray(0, 1),
    key: `${origin}/${firstSeq}-${firstSeq}`,
  }
}
