import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readHead } from '../../../../src/receivers/file/identity/head.ts'
import { LineReader } from '../../../../src/receivers/file/reading/line-reader.ts'
import { GzipSource } from '../../../../src/receivers/file/source/gzip-source.ts'
import { fuzzGzip, MemoryFile, readAll } from '../../../fuzz/gzip.ts'
import { randomFrom, seed } from '../../../seed.ts'

const text = Buffer.from(
  Array.from({ length: 20_000 }, (_, n) => `{"n":${n},"x":"${(n * 2654435761) % 4294967296}"}\n`).join(''),
)

/** A member with every optional field of RFC 1952 in its header. */
function memberWithAllFields(content: Buffer): Buffer {
  const extra = Buffer.from([5, 0, 0x41, 0x70, 1, 0, 0x7f])
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0x1e, 1, 2, 3, 4, 0, 3]),
    extra,
    Buffer.from(`${'long-name'.repeat(8_000)}\0a comment\0`),
  ])
  const headerCrc = Buffer.alloc(2)
  headerCrc.writeUInt16LE(crc32(header) & 0xffff)
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(content), 0)
  trailer.writeUInt32LE(content.length, 4)
  return Buffer.concat([header, headerCrc, deflateRawSync(content), trailer])
}

describe('gzip source', () => {
  test('that it is whole is known once its end was met, whatever of it is read again', async () => {
    const file = new MemoryFile(gzipSync(text))
    const source = new GzipSource(file)
    expect(await source.measure()).toBe(text.length)
    expect(source.complete).toBe(true)
    await source.read(Buffer.alloc(1_000), 100)
    expect({ complete: source.complete, warm: source.warm }).toEqual({ complete: true, warm: true })
  })

  test('several members, all header fields and padding read as one content', async () => {
    const [first, second, third] = [
      text.subarray(0, 5_000),
      text.subarray(5_000, 5_001),
      text.subarray(5_001),
    ]
    const file = Buffer.concat([
      gzipSync(first),
      memberWithAllFields(second),
      gzipSync(third),
      Buffer.alloc(700),
    ])
    const source = new GzipSource(new MemoryFile(file))
    const { content, fault, complete } = await readAll(source, 10_007)
    expect({ same: content.equals(text), fault, complete }).toEqual({
      same: true,
      fault: null,
      complete: true,
    })
    expect(await source.size()).toBe(text.length)
  })

  test('any position can be read, in any order', async () => {
    const members = [gzipSync(text.subarray(0, 300_000)), gzipSync(text.subarray(300_000))]
    const source = new GzipSource(new MemoryFile(Buffer.concat(members)))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length + 10),
        fc.integer({ min: 1, max: 300_000 }),
        async (position, length) => {
          const buffer = Buffer.alloc(length)
          const bytes = await source.read(buffer, position)
          expect(buffer.subarray(0, bytes).equals(text.subarray(position, position + length))).toBe(true)
        },
      ),
      { seed, numRuns: 60 },
    )
  })

  test('a file that is being written is read as far as it goes, and on from there', async () => {
    const whole = Buffer.concat([
      gzipSync(text.subarray(0, 100_000)),
      gzipSync(text.subarray(100_000)),
      Buffer.alloc(3),
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(whole.length), { maxLength: 12 }),
        fc.integer({ min: 1_000, max: 99_999 }),
        async (cuts, piece) => {
          const file = new MemoryFile(whole, 0)
          const source = new GzipSource(file)
          const parts: Buffer[] = []
          let position = 0
          for (const cut of [...cuts.sort((a, b) => a - b), whole.length]) {
            file.written = cut
            const { content, fault, complete } = await readAll(source, piece, position)
            expect(fault).toBeNull()
            if (complete)
              expect(
                Buffer.concat([...parts, content]).length % 100_000 === 0 || cut > whole.length - 4,
              ).toBe(true)
            parts.push(content)
            position += content.length
          }
          expect(Buffer.concat(parts).equals(text)).toBe(true)
          expect(source.complete).toBe(true)
        },
      ),
      { seed, numRuns: 25 },
    )
  })

  test('after a restart it is read on from a position, whatever lies before', async () => {
    const file = new MemoryFile(gzipSync(text))
    const { content } = await readAll(new GzipSource(file), 64 * 1024, 400_000)
    expect(content.equals(text.subarray(400_000))).toBe(true)
  })

  test('damage is told of once, after everything before it was given out', async () => {
    const compressed = gzipSync(text)
    const random = randomFrom(seed)
    const noise = Buffer.from(Array.from({ length: 30_000 }, () => Math.floor(random() * 256)))
    const cut = Buffer.concat([compressed.subarray(0, compressed.length >> 1), noise])
    const source = new GzipSource(new MemoryFile(cut))
    const { content, fault, complete, faults } = await readAll(source, 64 * 1024)
    expect(faults).toBe(1)
    expect(complete).toBe(false)
    expect(fault?.message).toMatch(/^damaged gzip data at byte \d+, after \d+ decompressed bytes: /)
    // All that the undamaged half holds; and a few symbols that the damage still happens to be.
    const half = await readAll(
      new GzipSource(new MemoryFile(compressed.subarray(0, compressed.length >> 1))),
      4096,
    )
    expect(half.content.equals(text.subarray(0, half.content.length))).toBe(true)
    expect(half.content.length).toBeGreaterThan(text.length / 3)
    expect(content.subarray(0, half.content.length).equals(half.content)).toBe(true)
  })

  test.each([
    ['CRC', -8, 'its CRC does not match its data'],
    ['length', -4, 'its length does not match its data'],
  ])(
    'a wrong %s of a member: its bytes, then the fault, and no member behind it',
    async (_what, at, reason) => {
      const file = Buffer.concat([gzipSync(text.subarray(0, 1_000)), gzipSync(text.subarray(1_000))])
      const end = gzipSync(text.subarray(0, 1_000)).length
      file[end + at] = (file[end + at] ?? 0) ^ 1
      const { content, fault } = await readAll(new GzipSource(new MemoryFile(file)), 4096)
      expect(content.equals(text.subarray(0, 1_000))).toBe(true)
      expect(fault).toMatchObject({ offset: 1_000, message: expect.stringContaining(reason) })
    },
  )

  test('a file that was written anew is read from its beginning', async () => {
    const file = new MemoryFile(Buffer.alloc(200_000))
    const write = (content: Buffer) => {
      const compressed = gzipSync(content)
      compressed.writeUInt32LE(content.length, 4)
      file.bytes.set(compressed)
      file.written = compressed.length
    }
    write(text.subarray(0, 50_000))
    const source = new GzipSource(file)
    await readAll(source, 4096)
    write(Buffer.from('something else\n'))
    expect(await source.size()).toBe(0)
    expect((await readAll(source, 4096)).content.toString()).toBe('something else\n')
  })

  test('lines of any length come out whole, and going back to their beginning is no new start', async () => {
    const long = Buffer.concat([Buffer.alloc(700_000, 'a'), Buffer.from('\n')])
    const content = Buffer.concat([text, long, text, long])
    const file = new MemoryFile(gzipSync(content))
    let asked = 0
    const read = file.read.bind(file)
    file.read = (buffer, position) => {
      if (buffer.length > 64) asked += 1
      return read(buffer, position)
    }
    const source = new GzipSource(file)
    const lines = new LineReader(source, {
      maxRecord: 1 << 20,
      reserve: async () => {},
      release: () => {},
      skipped: () => {},
    })
    lines.decompress(source)
    const head = await readHead(source)
    if (!head) throw new Error('no head')
    const scratch = Buffer.alloc(256 * 1024)
    const taken: Buffer[] = []
    for (;;) {
      const reading = await lines.read(scratch, head)
      if (reading.kind === 'end') break
      if (reading.kind === 'lines') taken.push(Buffer.from(reading.bytes))
    }
    expect(Buffer.concat(taken).equals(content)).toBe(true)
    // Once through the file in inputs of 16 KiB; the line that ends it may take another round.
    expect(asked).toBeLessThanOrEqual(2 * Math.ceil(file.bytes.length / (16 * 1024)) + 4)
  })

  test('a bomb is read a piece at a time', async () => {
    const bomb = gzipSync(Buffer.alloc(128 * 1024 * 1024))
    const source = new GzipSource(new MemoryFile(bomb))
    const before = process.memoryUsage().arrayBuffers
    const piece = Buffer.alloc(256 * 1024)
    let most = 0
    for (let position = 0; position < 128 * 1024 * 1024; ) {
      position += await source.read(piece, position)
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    // Pieces that nobody holds any more wait for the collector; all of it at once would be 128 MiB.
    expect(most).toBeLessThan(100 * 1024 * 1024)
  })

  test('whatever the bytes are', async () => {
    const valid = fc
      .array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 3 })
      .map((parts) => Buffer.concat(parts.map((part) => gzipSync(part))))
    const changed = fc
      .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([bytes, edits]) => {
        for (const [at, value] of edits) bytes[at % bytes.length] = value
        return bytes
      })
    const any = fc.oneof(
      changed,
      fc.tuple(valid, fc.uint8Array({ maxLength: 20 })).map((parts) => Buffer.concat(parts)),
    )
    await fc.assert(
      fc.asyncProperty(any, (bytes) => fuzzGzip(bytes)),
      { seed, numRuns: 150 },
    )
  })
})
