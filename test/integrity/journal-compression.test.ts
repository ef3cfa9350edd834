/** Compressed journals: what goes in comes out, takes less space, and a bomb is damage. */
import { crc32c } from '@node-rs/crc32'
import { describe, expect, test } from 'vitest'
import { field } from '../../src/journal/block.ts'
import { decodeHeader } from '../../src/journal/block-decode.ts'
import { blockLength } from '../../src/journal/block-encode.ts'
import { compress, decompress, largestCompressed } from '../../src/journal/compression.ts'
import { openBody } from '../../src/journal/open-block.ts'
import { encoded } from '../journal/encoded-block.ts'
import {
  batchOf,
  drain,
  open,
  smallConfig,
  stream,
  temporaryDirectory,
} from '../journal/journal-directory.ts'
import { randomFrom, seed } from '../seed.ts'

const config = smallConfig({ compression: 'zstd', segment_size: '256KiB' })
const random = randomFrom(seed)
const words = ['alice', 'bob', 'get', 'list', 'pods', 'secrets', 'denied', 'granted']
const line = (n: number) =>
  JSON.stringify({ n, text: Array.from({ length: 60 }, () => words[Math.floor(random() * 8)]).join(' ') })
/** Bytes that don't compress. */
const noise = (length: number) =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256))).toString('base64')

test('events and raw bytes come back, from memory, from disk and after a restart; the journal is smaller', async () => {
  await using directory = await temporaryDirectory()
  const lines = Array.from({ length: 400 }, (_, n) => line(n))
  const raw = lines.map((text, n) => (n % 3 === 0 ? text.slice(0, 40) : ''))
  const expected: [number, string][] = []
  const append = async (journal: Awaited<ReturnType<typeof open>>, texts: string[], raws: string[]) => {
    const { firstSeq } = await journal.append(batchOf(texts, raws), { stream: stream(1) })
    expected.push(...texts.map((text, i): [number, string] => [firstSeq + i, text]))
  }
  {
    await using journal = await open(directory.path, { config, cacheBytes: 0 })
    // Appended at once: committed in call order, whichever is compressed first.
    await Promise.all([
      append(journal, lines, raw),
      append(journal, ['tiny'], []),
      append(journal, [noise(3000)], []),
      append(journal, lines.slice(0, 7), raw.slice(0, 7)),
    ])
    await using reader = journal.read(0)
    expect(await drain(reader)).toEqual(expected)
  }
  {
    await using journal = await open(directory.path, { config: smallConfig(), cacheBytes: 0 })
    expect(journal.recovery).toMatchObject({ clean: true, damaged: [] })
    await using reader = journal.read(0)
    const block = await reader.next()
    expect(block?.raw.toString()).toBe(raw.join(''))
    const { bytes } = journal.stats()
    // The new segment is 64 KiB of zeros.
    expect(bytes - 65_536).toBeLessThan(lines.join('').length / 2)
  }
})

describe('a block', () => {
  const batch = batchOf([line(1), line(2)], ['raw bytes '.repeat(20), ''])

  test('is compressed only where that saves space', async () => {
    expect(await compress(batchOf(['x']))).toBeNull()
    expect(await compress(batchOf([noise(5000)]))).not.toBeNull()
    const random5000 = { ...batchOf(['']), payload: Buffer.from(noise(5000), 'base64') }
    expect(await compress(random5000)).toBeNull()
    const stored = await compress(batch)
    const length = blockLength({ batch, update: { stream: stream(1) }, stored }, false)
    expect(length).toBeLessThan(blockLength({ batch, update: { stream: stream(1) } }, false))
  })

  test('that claims other plain lengths than its bytes have is damaged', async () => {
    const { header, body } = await encoded(batch, { compressed: true })
    expect(await openBody(header, body, null)).not.toBeNull()
    for (const by of [-1, 1, 1_000_000]) {
      const wrong = { ...header, plainPayloadLength: header.plainPayloadLength + by }
      expect(await openBody(wrong, body, null)).toBeNull()
    }
  })

  test('that would take all memory is refused by its header', async () => {
    const { headerBytes } = await encoded(batch, { compressed: true })
    headerBytes.writeUInt32LE(largestCompressed, field.plainPayloadLength)
    headerBytes.writeUInt32LE(0, field.headerCrc)
    headerBytes.writeUInt32LE(crc32c(headerBytes), field.headerCrc)
    expect(decodeHeader(headerBytes)).toBeNull()
  })

  test('that holds a bomb takes no more than its header says', async () => {
    const bomb = await compress({ ...batchOf(['']), payload: Buffer.alloc(64 * 1024 ** 2) })
    if (!bomb) throw new Error('zeros did not compress')
    const before = process.memoryUsage().arrayBuffers
    expect(await decompress(Buffer.from(bomb.payload), 1000)).toBeNull()
    expect(await decompress(Buffer.from(bomb.payload), 200_000)).toBeNull()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 ** 2)
  })
})
