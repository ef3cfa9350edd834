/** Batches as delivery cuts them. */

import { BufferPool } from '../../src/buffer-pool.ts'
import { Batcher } from '../../src/delivery/batcher.ts'
import { SettledPrefix } from '../../src/delivery/settle.ts'
import type { DeliveryBatch, Partitioner } from '../../src/sinks/sink.ts'
import { blockOf, event, type MemoryEvent, origin } from '../delivery/memory-journal.ts'

/** `partition`: as the sink's; the first of the partitions is the batch. */
export function batchOf(
  events: readonly MemoryEvent[],
  firstSeq = 0,
  partition?: Partitioner,
): DeliveryBatch {
  const limits = { maxBytes: 16 * 1024 ** 2, maxEvents: 100_000 }
  const batcher = new Batcher(firstSeq, {
    origin,
    limits,
    pool: new BufferPool(0, 0),
    prefix: new SettledPrefix(firstSeq),
    partition,
  })
  batcher.offer(blockOf(firstSeq, events), Uint32Array.of(1))
  batcher.fill(0)
  return batcher.cut(batcher.oldest!).batch
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
