/**
 * Fuzz target: any bytes as a gzip file. Nothing but a `GzipFault` may come of it; what is read is what zlib reads, where
 * that reads all of it; and it does not matter in which pieces it is read.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { ByteSource } from '../../src/receivers/file/source/byte-source.ts'
import { GzipFault } from '../../src/receivers/file/source/gunzip.ts'
import { GzipSource } from '../../src/receivers/file/source/gzip-source.ts'
import type { FuzzTarget } from './target.ts'

/** Bytes of output that one input may expand to before the target looks no further. */
const enough = 8 * 1024 * 1024

/** A file that lies in memory, of which only the first `size` bytes are written yet. */
export class MemoryFile implements ByteSource {
  readonly isOpen = true
  readonly bytes: Uint8Array
  written: number

  constructor(bytes: Uint8Array, written = bytes.length) {
    this.bytes = bytes
    this.written = written
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const some = this.bytes.subarray(position, Math.min(this.written, position + buffer.length))
    buffer.set(some)
    return some.length
  }

  async size(): Promise<number> {
    return this.written
  }

  stat(): never {
    throw new Error('no file system has this file')
  }

  async locate(): Promise<null> {
    return null
  }

  async close(): Promise<void> {}
}

/** All that a source gives, in reads of `pieceSize`, up to the present end or a fault. */
export async function readAll(source: GzipSource, pieceSize: number, from = 0) {
  const piece = Buffer.alloc(pieceSize)
  const pieces: Buffer[] = []
  let position = from
  let faults = 0
  for (;;) {
    try {
      const bytes = await source.read(piece, position)
      pieces.push(Buffer.from(piece.subarray(0, bytes)))
      position += bytes
      if (bytes === 0 || position > enough) break
    } catch (error) {
      if (!(error instanceof GzipFault)) throw error
      faults += 1
      if (faults > 1) throw new Error('a fault was told of more than once')
      if (error.offset !== position)
        throw new Error(`fault at ${error.offset}, but ${position} bytes came before`)
    }
  }
  return { content: Buffer.concat(pieces), fault: source.fault, complete: source.complete, faults }
}

/** Throws when a promise of `GzipSource` is broken for these bytes. */
export async function fuzzGzip(bytes: Buffer): Promise<void> {
  const source = new GzipSource(new MemoryFile(bytes))
  const { content, fault, complete, faults } = await readAll(source, 64 * 1024)
  if (content.length > enough) return await source.close()
  if (fault && complete) throw new Error('damaged, and complete as well')
  if (fault && faults !== 1) throw new Error('a fault that nobody was told of')
  // Zlib stops at the first zero byte behind a member; here what follows the padding is read as well.
  const expected = byZlib(bytes)
  if (expected && !content.subarray(0, expected.length).equals(expected)) {
    throw new Error(`zlib reads ${expected.length} bytes, this ${content.length}, and not the same`)
  }
  await source.close()

  // The same in small pieces, from a file that is being written.
  const file = new MemoryFile(bytes, 0)
  const growing = new GzipSource(file)
  const grown: Buffer[] = []
  let position = 0
  const step = Math.max(1, Math.ceil(bytes.length / 7))
  while (file.written < bytes.length) {
    file.written = Math.min(bytes.length, file.written + step)
    const { content: more } = await readAll(growing, 1000, position)
    position += more.length
    grown.push(more)
  }
  if (!Buffer.concat(grown).equals(content)) throw new Error('how it was written makes a difference')
  await growing.close()
}

function byZlib(bytes: Buffer): Buffer | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: enough })
  } catch {
    return null
  }
}

const line = Buffer.from('{"user":"u_1","event":"invoice.read"}\n')
const members = [gzipSync(line.subarray(0, 7)), gzipSync(Buffer.alloc(3_000, line))]
const named = gzipSync(line)
named[3] = 0x08

export const gzip: FuzzTarget = {
  corpus: [
    gzipSync(''),
    gzipSync(Buffer.alloc(40_000, line)),
    gzipSync(line, { level: 0 }),
    Buffer.concat([...members, Buffer.alloc(9)]),
    Buffer.concat([named.subarray(0, 10), Buffer.from('audit.log\0'), named.subarray(10)]),
  ],
  check: fuzzGzip,
}
