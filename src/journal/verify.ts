/**
 * Every byte of a segment: both header pages, the snapshot, each block with its index, padding, and whether the seqs
 * follow each other. Reads beside the agent that writes.
 */
import { blockAlignment } from './block.ts'
import { decodeBody } from './block-decode.ts'
import { BlockScanner, type Scanned } from './block-scanner.ts'
import type { CommittedBlock } from './contract.ts'
import type { OpenFile } from './fs-port.ts'
import { readSnapshot, type Segment } from './segment.ts'
import { decodeSegmentHeader, pageLength, snapshotStart } from './segment-header.ts'
import { walkSegment } from './segment-walk.ts'

export interface VerifiedRange {
  readonly state: 'good' | 'damaged'
  readonly what:
    | 'header page'
    | 'snapshot'
    | 'blocks'
    | 'block header'
    | 'block body'
    | 'padding'
    | 'sequence'
  /** File offsets. */
  readonly offset: number
  readonly end: number
  /** Null: no event lies there. */
  readonly seqs: { readonly first: number; readonly last: number } | null
}

const newline = 0x0a

/**
 * Ranges in file order; neighbouring good blocks are one.
 * @param nextSeq the first seq behind it, as its successor says; null for the last, which has none
 */
export async function* verifySegment(
  file: OpenFile,
  segment: Segment,
  nextSeq: number | null,
): AsyncGenerator<VerifiedRange> {
  yield* verifyPages(file)
  const { header } = segment
  const snapshot = await readSnapshot(file, segment)
  const dataStart = { offset: snapshotStart, end: header.dataStart, seqs: null }
  yield { state: snapshot ? 'good' : 'damaged', what: 'snapshot', ...dataStart }
  const afterSnapshot = snapshotStart + header.snapshotLength
  if (!(await isZero(file, afterSnapshot, header.dataStart))) {
    yield { state: 'damaged', what: 'padding', offset: afterSnapshot, end: header.dataStart, seqs: null }
  }
  if (nextSeq !== null) yield* verifyBlocks(file, segment, segment.end, nextSeq)
  else {
    const walk = await walkSegment(file, segment, () => {})
    yield* verifyBlocks(file, segment, walk.end, walk.nextSeq)
  }
}

async function* verifyPages(file: OpenFile): AsyncGenerator<VerifiedRange> {
  for (let offset = 0; offset < snapshotStart; offset += pageLength) {
    const page = Buffer.alloc(pageLength)
    await file.read(page, offset)
    const state = decodeSegmentHeader(page) ? 'good' : 'damaged'
    yield { state, what: 'header page', offset, end: offset + pageLength, seqs: null }
  }
}

/** @param nextSeq the seq that follows the last block */
async function* verifyBlocks(
  file: OpenFile,
  segment: Segment,
  end: number,
  nextSeq: number,
): AsyncGenerator<VerifiedRange> {
  const scanner = new BlockScanner(file, segment)
  const run = new GoodRun()
  let seq = segment.header.firstSeq
  let unplaced: { readonly offset: number; readonly end: number } | null = null
  for (let next = await scanner.next(end); next; next = await scanner.next(end)) {
    if (next.kind === 'damaged' && !next.header) {
      yield* run.take()
      unplaced = { offset: next.offset, end: next.end }
      continue
    }
    const { header, offset } = next
    if (!header) continue
    if (unplaced) yield damaged('block header', unplaced, seq, header.firstSeq)
    else if (header.firstSeq !== seq) {
      yield* run.take()
      yield damaged('sequence', { offset, end: offset }, seq, header.firstSeq)
    }
    unplaced = null
    seq = header.firstSeq + header.count
    const blockEnd = offset + header.length
    const fault = await faultOf(file, segment, next)
    if (fault) {
      yield* run.take()
      const lost = fault === 'padding' ? header.firstSeq : seq
      yield damaged(fault, { offset, end: blockEnd }, header.firstSeq, lost)
    } else run.add(offset, blockEnd, header.firstSeq, seq)
  }
  yield* run.take()
  if (unplaced) yield damaged('block header', unplaced, seq, nextSeq)
  else if (seq !== nextSeq) yield damaged('sequence', { offset: end, end }, seq, nextSeq)
}

async function faultOf(
  file: OpenFile,
  segment: Segment,
  scanned: Scanned,
): Promise<'block body' | 'padding' | null> {
  if (scanned.kind !== 'block') return 'block body'
  const { header, body, offset } = scanned
  if (!linesEndWell(decodeBody(header, body, segment.header))) return 'block body'
  const used = offset + header.headerLength + header.bodyLength
  return (await isZero(file, used, offset + header.length)) ? null : 'padding'
}

function linesEndWell({ payload, lengths }: CommittedBlock): boolean {
  let at = -1
  return lengths.every((length) => {
    at += length + 1
    return payload[at] === newline
  })
}

async function isZero(file: OpenFile, start: number, end: number): Promise<boolean> {
  if (end <= start || end - start > blockAlignment) return end <= start
  const bytes = Buffer.alloc(end - start)
  await file.read(bytes, start)
  return bytes.every((byte) => byte === 0)
}

const damaged = (
  what: VerifiedRange['what'],
  { offset, end }: { readonly offset: number; readonly end: number },
  firstSeq: number,
  nextSeq: number,
): VerifiedRange => ({ state: 'damaged', what, offset, end, seqs: seqsOf(firstSeq, nextSeq) })

const seqsOf = (first: number, next: number) => (next > first ? { first, last: next - 1 } : null)

/** Good blocks that follow each other. */
class GoodRun {
  #run: { offset: number; end: number; first: number; next: number } | null = null

  add(offset: number, end: number, first: number, next: number): void {
    if (this.#run) Object.assign(this.#run, { end, next })
    else this.#run = { offset, end, first, next }
  }

  *take(): Generator<VerifiedRange> {
    const run = this.#run
    this.#run = null
    if (!run) return
    const { offset, end, first, next } = run
    yield { state: 'good', what: 'blocks', offset, end, seqs: seqsOf(first, next) }
  }
}
