/** Segments as the journal keeps track of them. */
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import { AffiantError } from '../errors.ts'
import type { OpenFile } from './fs-port.ts'
import { LiveStreams } from './live-streams.ts'
import type { SegmentCipher } from './segment-cipher.ts'
import { decodeSegmentHeader, type SegmentHeader, snapshotStart } from './segment-header.ts'

const namePattern = /^(\d+)-(\d{16})-(\d{8})\.seg$/

export interface SegmentName {
  readonly epoch: number
  readonly firstSeq: number
  readonly number: number
}

/** `<epoch>-<first seq>-<number>.seg`: sorts by age. */
export function segmentName({ epoch, firstSeq, number }: SegmentName): string {
  return `${epoch}-${String(firstSeq).padStart(16, '0')}-${String(number).padStart(8, '0')}.seg`
}

export function parseSegmentName(name: string): SegmentName | null {
  const match = namePattern.exec(name)
  return match && { epoch: Number(match[1]), firstSeq: Number(match[2]), number: Number(match[3]) }
}

/** One segment on disk. */
export interface Segment {
  readonly name: string
  readonly path: string
  readonly header: SegmentHeader
  /** What opens its blocks; null when it isn't encrypted. */
  readonly cipher: SegmentCipher | null
  /** File offset at which committed blocks end. Grows while it is the one being written. */
  end: number
  /** Bytes on disk, what is preallocated included. */
  size: number
  /** Its file is gone. Readers that have it open read on. */
  removed: boolean
}

export function segmentOf(
  directory: string,
  header: SegmentHeader,
  cipher: SegmentCipher | null,
  end: number,
  size: number,
): Segment {
  const name = segmentName(header)
  return { name, path: join(directory, name), header, cipher, end, size, removed: false }
}

/** @throws AffiantError journal_format naming the file */
export async function readSegmentHeader(file: OpenFile, path: string): Promise<SegmentHeader | null> {
  const pages = Buffer.alloc(snapshotStart)
  const filled = await file.read(pages, 0)
  try {
    return decodeSegmentHeader(pages.subarray(0, filled))
  } catch (error) {
    if (!(error instanceof AffiantError)) throw error
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    throw new AffiantError(error.code, `${path}: ${error.message}`, hint)
  }
}

/** What an encrypted snapshot is authenticated with: it belongs to this segment. */
export const snapshotAssociated = (incarnation: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('snapshot'), incarnation])

/** The streams that were live when the segment was opened, or null when its snapshot is damaged. */
export async function readSnapshot(
  file: OpenFile,
  { header, cipher }: Pick<Segment, 'header' | 'cipher'>,
): Promise<LiveStreams | null> {
  if (snapshotStart + header.snapshotLength > (await file.size())) return null
  const snapshot = Buffer.alloc(header.snapshotLength)
  const filled = await file.read(snapshot, snapshotStart)
  if (filled < snapshot.byteLength || crc32c(snapshot) !== header.snapshotCrc) return null
  const plain = cipher ? cipher.unsealed(snapshot, snapshotAssociated(header.incarnation)) : snapshot
  return plain && LiveStreams.decode(plain, header.version)
}
