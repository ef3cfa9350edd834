/** Events of a block as sinks give them: one line of JSON each, with `raw_data` and `log`. */
import { BlockWalk, OutputLines } from '../delivery/output-lines.ts'
import type { CommittedBlock } from '../journal/contract.ts'

const anything = { maxBytes: Number.POSITIVE_INFINITY, maxEvents: Number.POSITIVE_INFINITY }

/** Of the events with index `from` up to, not including, `to`. */
export function eventLines(block: CommittedBlock, origin: string, from: number, to: number): Buffer {
  const walk = new BlockWalk(block)
  walk.skipTo(from)
  const room = Buffer.allocUnsafeSlow(block.payload.byteLength + 128 * (to - from))
  const lines = new OutputLines(origin, anything, room, to - from)
  lines.append(walk, to)
  return lines.take().lines
}
