/** `affiant journal inspect`: what lies on disk, segment by segment and block by block. Reads only; needs no lock. */
import { join } from 'node:path'
import type { StreamPosition } from '../event/batch.ts'
import { type BlockKind, blockKinds } from '../journal/block.ts'
import type { BlockHeader } from '../journal/block-decode.ts'
import { BlockScanner, type Scanned } from '../journal/block-scanner.ts'
import { readCursors } from '../journal/cursor-file.ts'
import type { OpenFile } from '../journal/fs-port.ts'
import { KeyRing, noKeyId } from '../journal/key-ring.ts'
import { gapSeqs, knownGaps } from '../journal/known-gaps.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { readSnapshot, type Segment } from '../journal/segment.ts'
import { loadSegments, type SegmentList } from '../journal/segment-list.ts'
import { type Walk, walkSegment } from '../journal/segment-walk.ts'

type Print = (line: string) => void

/** Prints the journal of `dataDir`. Resolves to the exit code: 0, 65 when something is damaged, 66 without a journal. */
export async function inspectJournal(dataDir: string, out: Print, keys = new KeyRing()): Promise<number> {
  const directory = join(dataDir, 'journal')
  const list = await loadSegments(nodeFileSystem, directory, keys)
  const { segments, unreadable } = list
  const cursors = await readCursors(nodeFileSystem, dataDir)
  const gaps = await knownGaps(nodeFileSystem, directory, list, cursors.cursors)
  let damaged = gaps.length
  for (const gap of gaps) out(`${gapSeqs(gap)} MISSING: ${gap.why}`)
  for (const [index, segment] of segments.entries()) {
    damaged += await inspectSegment(segment, segments[index + 1], unreadable, out)
  }
  for (const { name, settled, required } of cursors.cursors) {
    out(`cursor ${name}: settled below ${settled}${required ? '' : ', not required'}`)
  }
  for (const name of cursors.damaged) out(`cursor ${name}: DAMAGED`)
  damaged += cursors.damaged.length
  if (segments.length === 0 && unreadable.length === 0) {
    out(`no journal in ${directory}`)
    return 66
  }
  out(damaged === 0 ? 'no damage' : `${damaged} damaged`)
  return damaged === 0 ? 0 : 65
}

/** How much of it is damaged. */
async function inspectSegment(
  segment: Segment,
  next: Segment | undefined,
  unreadable: SegmentList['unreadable'],
  out: Print,
): Promise<number> {
  const { header, name } = segment
  const file = await nodeFileSystem.open(segment.path, 'read')
  try {
    out(`segment ${name}`)
    out(`  origin ${header.origin} · first seq ${header.firstSeq} · created ${time(header.created)}`)
    out(`  incarnation ${header.incarnation.toString('hex')} · routes ${header.routeTable.slice(0, 16)}…`)
    out(
      `  format ${header.version} · ${header.keyId === noKeyId ? 'not encrypted' : `encrypted, key ${header.keyId}`}`,
    )
    out(`  journal offset ${header.base} · data ${header.dataStart}..${segment.end} of ${segment.size} bytes`)
    const streams = await readSnapshot(file, segment)
    out(streams ? `  snapshot: ${streams.list().length} streams` : '  snapshot: DAMAGED')
    for (const { stream, position, descriptor } of streams?.list() ?? []) {
      out(`    stream ${stream} offset ${position.offset}${rangesOf(position.ranges)}${checkOf(position)}`)
      out(`      descriptor ${printable(descriptor)}`)
    }
    const walk = next ? null : await inspectEnd(file, segment, out)
    const blocks = await inspectBlocks(file, segment, walk?.end ?? segment.end, out)
    // Those of an unreadable segment between the two are named already.
    const following = [next?.header, ...unreadable].flatMap((each) =>
      each && each.number > segment.header.number ? [each.firstSeq] : [],
    )
    const nextSeq = walk ? walk.nextSeq : Math.min(...following)
    const missing = nextSeq > blocks.nextSeq
    if (missing) out(`  ${gapSeqs({ firstSeq: blocks.nextSeq, lastSeq: nextSeq - 1 })} MISSING`)
    return (streams ? 0 : 1) + blocks.damaged + (missing && !blocks.endsDamaged ? 1 : 0)
  } finally {
    await file.close()
  }
}

async function inspectEnd(file: OpenFile, segment: Segment, out: Print): Promise<Walk> {
  const walk = await walkSegment(file, segment, () => {})
  const state = walk.lastKind === blockKinds.seal ? 'closed in good order' : 'open, or not closed'
  out(`  durable below byte ${walk.proof.end} and seq ${walk.proof.seq}, good to ${walk.end}; ${state}`)
  return walk
}

interface Blocks {
  readonly damaged: number
  /** Behind the last header that can be read. */
  readonly nextSeq: number
  /** Without a header behind it that says which seqs it held. */
  readonly endsDamaged: boolean
}

async function inspectBlocks(file: OpenFile, segment: Segment, end: number, out: Print): Promise<Blocks> {
  const scanner = new BlockScanner(file, segment)
  let damaged = 0
  let nextSeq = segment.header.firstSeq
  let endsDamaged = false
  for (let next = await scanner.next(end); next; next = await scanner.next(end)) {
    out(`  ${blockLine(next)}`)
    if (next.kind === 'damaged') damaged++
    endsDamaged = next.header === null
    if (next.header) nextSeq = next.header.firstSeq + next.header.count
  }
  return { damaged, nextSeq, endsDamaged }
}

function blockLine(scanned: Scanned): string {
  const at = `@${scanned.offset}`
  if (!scanned.header) return `${at} DAMAGED to ${scanned.kind === 'damaged' ? scanned.end : '?'}`
  const { header } = scanned
  const damage = scanned.kind === 'damaged' ? ' DAMAGED body' : ''
  const what =
    header.count > 0 ? `seq ${header.firstSeq}..${header.firstSeq + header.count - 1}` : kindName(header.kind)
  return `${at} ${what}${damage} · group ${header.group} · ${time(header.writtenTime)} · ${sizes(header)}${where(header)}`
}

const sizes = ({ compressed, encrypted, length, ...header }: BlockHeader): string => {
  const { payloadLength, rawLength, plainPayloadLength, plainRawLength } = header
  const plain = compressed ? `, in plain ${plainPayloadLength} and ${plainRawLength}` : ''
  const flags = `${compressed ? ', compressed' : ''}${encrypted ? ', encrypted' : ''}`
  return `${length} bytes (payload ${payloadLength}, raw ${rawLength}${plain}${flags})`
}

const where = ({ stream, position, descriptor, memo }: BlockHeader): string =>
  ` · stream ${stream}` +
  (position ? ` → ${position.offset}${rangesOf(position.ranges)}${checkOf(position)}` : '') +
  (descriptor ? ` · descriptor ${printable(descriptor)}` : '') +
  (memo ? ` · memo ${memo.byteLength} bytes` : '')

const kindName = (kind: BlockKind): string => (kind === blockKinds.seal ? 'seal' : 'position only')

const rangesOf = (ranges: readonly (readonly [number, number])[]): string =>
  ranges.length === 0 ? '' : ` + ${ranges.map(([start, end]) => `${start}..${end}`).join(', ')}`

const checkOf = ({ check }: StreamPosition): string =>
  check
    ? ` checked by ${check.length} bytes, CRC ${hex(check.crc)}, and all from ${check.from} on, CRC ${hex(check.sum)}`
    : ''

const hex = (crc: number): string => crc.toString(16).padStart(8, '0')

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** Descriptors are opaque here; most are JSON. */
const printable = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString()
  return /^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(bytes).toString('hex')
}
