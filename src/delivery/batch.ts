/** Batches as sinks get them, whole and in parts. */
import { crc32 } from 'node:zlib'
import type { DeliveryBatch } from '../sinks/sink.ts'

type Content = Pick<DeliveryBatch, 'origin' | 'epoch' | 'partition' | 'lines' | 'lengths' | 'seqs'>

export function makeBatch(content: Content): DeliveryBatch {
  const { origin, seqs, partition } = content
  const count = seqs.length
  return {
    ...content,
    count,
    firstSeq: seqs[0]!,
    lastSeq: seqs[count - 1]!,
    key: batchKey(origin, seqs, partition),
  }
}

/** The events `[from, to)` of a batch, as a batch of its own that shares its bytes. A part has no plan. */
export function partOf(batch: DeliveryBatch, from: number, to: number): DeliveryBatch {
  if (from === 0 && to === batch.count) return batch
  let start = 0
  for (let index = 0; index < from; index++) start += batch.lengths[index]! + 1
  let end = start
  for (let index = from; index < to; index++) end += batch.lengths[index]! + 1
  const { origin, epoch, partition } = batch
  return makeBatch({
    origin,
    epoch,
    partition,
    lines: batch.lines.subarray(start, end),
    lengths: batch.lengths.subarray(from, to),
    seqs: batch.seqs.subarray(from, to),
  })
}

/**
 * The same events, the same key; other events, another one. A dense range says it all; where events between go
 * elsewhere, their seqs are summed up too: a destination that remembers keys must not mistake a batch cut under
 * other routes for this one. The partition counts as well, since one event may go twice, under different headers.
 */
function batchKey(origin: string, seqs: Float64Array, partition: string): string {
  const first = seqs[0]!
  const last = seqs[seqs.length - 1]!
  const range = `${origin}/${first}-${last}`
  const apart = partition === '' ? '' : `/${sumOf(Buffer.from(partition))}`
  if (last - first + 1 === seqs.length) return range + apart
  return `${range}/${seqs.length}-${sumOf(Buffer.from(seqs.buffer, seqs.byteOffset, seqs.byteLength))}${apart}`
}

const sumOf = (bytes: Buffer): string => crc32(bytes).toString(16).padStart(8, '0')
