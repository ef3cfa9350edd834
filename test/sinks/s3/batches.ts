/** Batches as delivery cuts them for an s3 sink, and the sink's own view of events. */
import type { DeliveryBatch, EventView, Sink } from '../../../src/sinks/sink.ts'
import { event } from '../../delivery/memory-journal.ts'
import { batchOf } from '../batches.ts'

/** Canonical bytes as far as the sink looks at them. */
export function s3Batch(
  sink: Pick<Sink, 'partition'>,
  count: number,
  { firstSeq = 0, time = '2026-05-01T10:20:30.000000000Z', extra = 0 } = {},
): DeliveryBatch {
  const filling = `,"time":"${time}"${extra === 0 ? '' : `,"x":"${'x'.repeat(extra)}"`}`
  const events = Array.from({ length: count }, (_, index) => event(firstSeq + index, filling))
  return batchOf(events, firstSeq, sink.partition)
}

/** A batch with what the sink planned for it, as delivery hands it over. */
export async function planned(sink: Pick<Sink, 'plan'>, batch: DeliveryBatch): Promise<DeliveryBatch> {
  const plan = await sink.plan?.(batch)
  return plan === undefined ? batch : { ...batch, plan }
}

export function viewOf(text: string, before = '', after = ''): EventView {
  const payload = Buffer.from(before + text + after)
  const start = Buffer.byteLength(before)
  return { payload, start, end: start + Buffer.byteLength(text), event: JSON.parse(text) }
}
