/** The CRC-32 of what a source holds: what tells files apart that begin and end alike. */
import { crc32 } from '@node-rs/crc32'
import type { ByteSource } from './byte-source.ts'

/** Bytes read at a time. */
const pieceSize = 256 * 1024
/** Sums of one source that are remembered. */
const most = 16

/** What was found of a source: whether it is a copy is asked again and again, of what may be a large file. */
interface Found {
  readonly from: number
  /** On disk, when it was last asked. */
  size: bigint
  written: bigint
  readonly sums: { readonly offset: number; readonly sum: number }[]
}

const found = new WeakMap<ByteSource, Found>()

/** Goes on from `sum`, of what lies before `from`, up to `to`. Null when the source is shorter. */
export async function sumOn(
  source: ByteSource,
  sum: number,
  from: number,
  to: number,
): Promise<number | null> {
  const buffer = Buffer.allocUnsafe(Math.min(pieceSize, to - from))
  let present = sum
  for (let offset = from; offset < to; ) {
    const bytes = await source.read(buffer.subarray(0, Math.min(buffer.length, to - offset)), offset)
    if (bytes === 0) return null
    present = crc32(buffer.subarray(0, bytes), present)
    offset += bytes
  }
  return present
}

/** Of the bytes from `from` to `to`, null when there are fewer. What was read before is not read again while it stands. */
export async function sumOf(source: ByteSource, from: number, to: number): Promise<number | null> {
  const known = await knownOf(source, from)
  const start = known.sums.findLast(({ offset }) => offset <= to) ?? { offset: from, sum: 0 }
  if (start.offset === to) return start.sum
  const sum = await sumOn(source, start.sum, start.offset, to)
  if (sum !== null) remember(known, to, sum)
  return sum
}

async function knownOf(source: ByteSource, from: number): Promise<Found> {
  const { size, mtimeNs: written } = await source.stat()
  const known = found.get(source)
  // What grew is taken to have been added to; its end is compared, too.
  if (known?.from === from && (size > known.size || (size === known.size && written === known.written))) {
    known.size = size
    known.written = written
    return known
  }
  const fresh = { from, size, written, sums: [] }
  found.set(source, fresh)
  return fresh
}

function remember({ sums }: Found, offset: number, sum: number): void {
  const behind = sums.findIndex((one) => one.offset >= offset)
  if (behind >= 0 && sums[behind]?.offset === offset) return
  sums.splice(behind < 0 ? sums.length : behind, 0, { offset, sum })
  if (sums.length > most) sums.shift()
}
