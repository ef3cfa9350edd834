/** Streams that can be read on after a restart, and their snapshot at the head of every segment. */
import type { StreamPosition, StreamUpdate } from '../event/batch.ts'
import { readCheck, readInteger, writeCheck, writeInteger } from './block.ts'
import type { LiveStream } from './contract.ts'

const start: StreamPosition = { offset: 0, ranges: [] }

/** Moves only by committed blocks. */
export class LiveStreams {
  readonly #streams = new Map<string, LiveStream>()

  apply({ stream, descriptor, position }: StreamUpdate): void {
    const known = this.#streams.get(stream)
    if (descriptor) {
      this.#streams.set(stream, { stream, descriptor, position: position ?? known?.position ?? start })
    } else if (position && known) {
      this.#streams.set(stream, { ...known, position })
    }
  }

  forget(stream: string): void {
    this.#streams.delete(stream)
  }

  list(): LiveStream[] {
    return [...this.#streams.values()]
  }

  /** count, then stream id, offset, check, ranges and descriptor of each; see docs/journal-format.md. */
  encode(): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32LE(this.#streams.size)
    return Buffer.concat([count, ...this.list().map(encodeEntry)])
  }

  /**
   * The streams of a snapshot; null when its lengths don't fit together.
   * @param version of its segment; in the first, entries had no check
   */
  static decode(snapshot: Buffer, version: number): LiveStreams | null {
    const streams = new LiveStreams()
    const headLength = version === 1 ? entryHeadOfVersion1 : entryHead
    if (snapshot.byteLength < 4) return null
    let at = 4
    for (let left = snapshot.readUInt32LE(0); left > 0; left--) {
      if (at + headLength > snapshot.byteLength) return null
      const stream = snapshot.toString('hex', at, at + 16)
      const offset = readInteger(snapshot, at + 16)
      const rangeCount = snapshot.readUInt32LE(at + 24)
      const descriptorLength = snapshot.readUInt32LE(at + 28)
      const check = version === 1 ? {} : readCheck(snapshot, at + 32, at + 40)
      if (check === null) return null
      at += headLength
      if (at + 16 * rangeCount + descriptorLength > snapshot.byteLength) return null
      const ranges = Array.from({ length: rangeCount }, (_, i): [number, number] => [
        readInteger(snapshot, at + 16 * i),
        readInteger(snapshot, at + 16 * i + 8),
      ])
      at += 16 * rangeCount
      const descriptor = Buffer.from(snapshot.subarray(at, at + descriptorLength))
      at += descriptorLength
      if ([offset, ...ranges.flat()].some(Number.isNaN)) return null
      streams.apply({ stream, descriptor, position: { offset, ranges, ...check } })
    }
    return at === snapshot.byteLength ? streams : null
  }
}

const entryHeadOfVersion1 = 32
const entryHead = 56

function encodeEntry({ stream, descriptor, position }: LiveStream): Buffer {
  const { offset, ranges, check } = position
  const entry = Buffer.alloc(entryHead + 16 * ranges.length + descriptor.byteLength)
  entry.write(stream, 0, 16, 'hex')
  writeInteger(entry, offset, 16)
  entry.writeUInt32LE(ranges.length, 24)
  entry.writeUInt32LE(descriptor.byteLength, 28)
  writeCheck(entry, check, 32, 40)
  let at = entryHead
  for (const [from, to] of ranges) {
    writeInteger(entry, from, at)
    writeInteger(entry, to, at + 8)
    at += 16
  }
  entry.set(descriptor, at)
  return entry
}
