/** Chunks of records, as the file receiver hands them over. */
import type { LineChunk } from '../../src/event/record.ts'
import { createDraw } from './draw.ts'
import type { LineMaker } from './lines/index.ts'

const seed = 20_261_130
const chunkBytes = 256 * 1024
const observed = 1_795_000_000_000
const stream = { id: '0123456789abcdef0123456789abcdef', receiver: 'bench' }

export interface Lot {
  readonly records: number
  readonly bytes: number
  readonly chunks: readonly LineChunk[]
}

/** At least `least` bytes of records, a few thousand different ones at the least. */
export function makeLot({ line }: LineMaker, least: number): Lot {
  const draw = createDraw(seed)
  const records: string[] = []
  for (let bytes = 0; bytes < least; ) {
    const record = line(draw, records.length)
    records.push(record)
    bytes += record.length + 1
  }
  return lotOf(records)
}

/** Records of several lines are framed, as a receiver joins them. */
function lotOf(records: readonly string[]): Lot {
  const chunks: LineChunk[] = []
  let part: string[] = []
  let partBytes = 0
  let offset = 0
  for (const [i, record] of records.entries()) {
    part.push(record)
    partBytes += Buffer.byteLength(record) + 1
    if (partBytes < chunkBytes && i < records.length - 1) continue
    chunks.push(chunkOf(part, offset))
    offset += partBytes
    part = []
    partBytes = 0
  }
  return { records: records.length, bytes: offset, chunks }
}

function chunkOf(records: readonly string[], offset: number): LineChunk {
  const bytes = new Uint8Array(Buffer.from(records.map((record) => `${record}\n`).join('')))
  if (!records.some((record) => record.includes('\n'))) return { stream, bytes, offset, observed }
  const starts: number[] = []
  const ends: number[] = []
  let at = 0
  for (const record of records) {
    starts.push(at)
    at += Buffer.byteLength(record)
    ends.push(at++)
  }
  const frames = {
    starts,
    ends,
    offsets: starts.map((start) => offset + start),
    lengths: starts.map((start, i) => ends[i]! - start),
  }
  return { stream, bytes, offset, observed, frames }
}
