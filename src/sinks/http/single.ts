/** A batch event by event. */
import type { DeliveryBatch } from '../sink.ts'

export type SingleEvent = Pick<DeliveryBatch, 'lines' | 'lengths' | 'key'>

/** Each event with a key of its own, which it has in every attempt, however its batch is cut. */
export function* eventsOf({ origin, lines, lengths, seqs }: DeliveryBatch): Generator<SingleEvent> {
  let at = 0
  for (const [index, length] of lengths.entries()) {
    const seq = seqs[index]!
    yield {
      lines: lines.subarray(at, at + length),
      lengths: lengths.subarray(index, index + 1),
      key: `${origin}/${seq}-${seq}`,
    }
    at += length + 1
  }
}
