/** Blocks on their way into the commit queue. */
import { blockKinds, emptyBatch } from './block.ts'
import { compress } from './compression.ts'
import type { PendingBlock } from './writer-options.ts'

const noStream = '0'.repeat(32)

/** A block whose bytes don't get fewer is written as it is; so is one that can't be compressed, whatever the reason. */
export async function pack(block: PendingBlock): Promise<void> {
  block.stored = await compress(block.batch).catch(() => null)
}

/** The last block of a segment that is closed in good order. */
export function sealBlock(encrypted: boolean): PendingBlock {
  return {
    batch: emptyBatch,
    update: { stream: noStream },
    kind: blockKinds.seal,
    encrypted,
    reserve: true,
    resolve: () => {},
    reject: () => {},
  }
}
