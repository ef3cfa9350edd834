/** What is durable becomes what readers and the next segment know. Acknowledging is the writer's, afterwards. */
import type { Commit } from '../event/batch.ts'
import { committedBlock } from './recent-blocks.ts'
import type { Segment } from './segment.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { PendingBlock, WriterOptions } from './writer-options.ts'

interface Written {
  readonly segment: Segment
  readonly blocks: readonly PendingBlock[]
  /** File offset of the first block. */
  readonly from: number
  readonly firstSeq: number
  /** Unix milliseconds. */
  readonly writtenTime: number
}

/** The commit of each block. */
export function publish(
  { recent, streams, events }: Pick<WriterOptions, 'recent' | 'streams' | 'events'>,
  { segment, blocks, from, firstSeq, writtenTime }: Written,
): Commit[] {
  const { epoch, routeTable } = segment.header
  let seq = firstSeq
  let end = from
  return blocks.map((block) => {
    const { batch, update } = block
    const commit = { firstSeq: seq, count: batch.count }
    end += SegmentWriter.lengthOf(block)
    seq += batch.count
    streams.apply(update)
    events.block?.(batch, update, commit.firstSeq)
    if (batch.count > 0) {
      const known = { epoch, routeTable, firstSeq: commit.firstSeq, stream: update.stream, writtenTime }
      recent.add({ block: committedBlock(batch, known), segment, end, memory: batch.memory })
    }
    return commit
  })
}
