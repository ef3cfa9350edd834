/** Streams that can be read on after a restart, and their snapshot at the head of every segment. */
import type { StreamPosition, StreamUpdate } from '../event/batch.ts'
import { readInteger, writeInteger } from './block.ts'
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

  /** count, then stream id, offset, ranges and descriptor of each; see docs/journal-format.md. */
  encode(): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32LE(this.#streams.size)
    return Buffer.concat([count, ...this.list().map(encodeEntry)])
  }

  static decode(snapshot: Buffer): LiveStreams {
    const streams = new LiveStreams()
    let at = 4
    for (let left = snapshot.readUInt32LE(0); left > 0; left--) {
      const stream = snapshot.toString('hex', at, at + 16)
      const offset = readInteger(snapshot, at + 16)
      const rangeCount = snapshot.readUInt32LE(at + 24)
      const descriptorLength = snapshot.readUInt32LE(at + 28)
      at += entryHead
      const ranges = Array.from({ length: rangeCount }, (_, i): [number, number] => [
        readInteger(snapshot, at + 16 * i),
        readInteger(snapshot, at + 16 * i + 8),
      ])
      at += 16 * rangeCount
      const descriptor = Buffer.from(snapshot.subarray(at, at + descriptorLength))
      at += descriptorLength
      streams.apply({ stream, descriptor, position: { offset, ranges } })
    }
    return streams
  }
}

const entryHead = 32

function encodeEntry({ stream, descriptor, position }: LiveStream): Buffer {
  const { offset, ranges } = position
  const entry = Buffer.alloc(entryHead + 16 * ranges.length + descriptor.byteLength)
  entry.write(stream, 0, 16, 'hex')
  writeInteger(entry, offset, 16)
  entry.writeUInt32LE(ranges.length, 24)
  entry.writeUInt32LE(descriptor.byteLength, 28)
  let at = entryHead
  for (const [from, to] of ranges) {
    writeInteger(entry, from, at)
    writeInteger(entry, to, at + 8)
    at += 16
  }
  entry.set(descriptor, at)
  return entry
}
