/** Batches as delivery cuts them. */
import { Batcher } from '../../src/delivery/batcher.ts'
import { BufferPool } from '../../src/delivery/buffer-pool.ts'
import type { DeliveryBatch } from '../../src/sinks/sink.ts'
import { blockOf, event, type MemoryEvent, origin } from '../delivery/memory-journal.ts'

export function batchOf(events: readonly MemoryEvent[], firstSeq = 0): DeliveryBatch {
  const limits = { maxBytes: 16 * 1024 ** 2, maxEvents: 100_000 }
  const batcher = new Batcher(origin, firstSeq, limits, new BufferPool(0, 0))
  batcher.offer(blockOf(firstSeq, events), Uint32Array.of(1))
  batcher.fill()
  return batcher.cut()!.batch
}

/** `count` events; each has `extra` bytes more. */
export function batchOfMany(count: number, { firstSeq = 0, extra = 0 } = {}): DeliveryBatch {
  const filling = extra === 0 ? '' : `,"x":"${'x'.repeat(extra)}"`
  return batchOf(
    Array.from({ length: count }, (_, index) => event(firstSeq + index, filling)),
    firstSeq,
  )
}

export function linesOf(batch: DeliveryBatch): string[] {
  return batch.lines.toString().split('\n').slice(0, -1)
}
