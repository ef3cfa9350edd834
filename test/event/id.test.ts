import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fileGeneration,
  generationWords,
  isProducerUuid,
  isUuid,
  producerId,
  producerUuid,
  recordId,
  recordIds,
} from '../../src/event/id.ts'
import { murmur128 } from './murmur-reference.ts'

const uuid8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const stream = '00112233445566778899aabbccddeeff'

/** RFC 9562, section 5.8: 16 bytes with version and variant set. */
function asUuid8(bytes: Buffer): string {
  const copy = Buffer.from(bytes.subarray(0, 16))
  copy[6] = (copy[6]! & 0x0f) | 0x80
  copy[8] = (copy[8]! & 0x3f) | 0x80
  return copy.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function u32(...words: number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4)
  words.forEach((word, i) => {
    bytes.writeUInt32LE(word, i * 4)
  })
  return bytes
}

describe('the reference that recordId is held against', () => {
  test('is MurmurHash3_x86_128: the verification value of its test suite', () => {
    const key = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const hashes = Array.from({ length: 256 }, (_, i) => murmur128(key.subarray(0, i), 256 - i))
    expect(murmur128(Buffer.concat(hashes), 0).readUInt32LE(0)).toBe(0xb3ece62a)
  })
})

describe('recordId', () => {
  test('is the hash of generation, offset, checksum and sub-index as a UUIDv8', () => {
    const u32s = fc.integer({ min: 0, max: 0xffff_ffff })
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.maxSafeNat(),
        u32s,
        u32s,
        (generation, offset, checksum, subIndex) => {
          const id = Buffer.from(generation).toString('hex')
          const input = Buffer.concat([
            generation,
            u32(offset % 2 ** 32, Math.floor(offset / 2 ** 32), checksum, subIndex),
          ])
          expect(recordId(generationWords(id), offset, checksum, subIndex)).toBe(asUuid8(murmur128(input, 0)))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('never changes: golden ids', () => {
    const words = generationWords(stream)
    expect(recordId(words, 0, 0, 0)).toBe('afe9b006-8256-81eb-ac29-00cf4d6e61af')
    expect(recordId(words, 617, 0xdeadbeef, 0)).toBe('d7e3a2ea-829e-8a59-990c-2113926fbc8c')
    expect(recordId(words, 2 ** 40 + 1, 0xdeadbeef, 3)).toBe('032bf2cf-df4f-864c-b7c7-1c88faf286fb')
  })

  test('differs with each of its parts', () => {
    const ids = new Set([
      recordId(generationWords(stream), 1, 2, 3),
      recordId(generationWords(stream.replace('ff', 'fe')), 1, 2, 3),
      recordId(generationWords(stream), 2, 2, 3),
      recordId(generationWords(stream), 1 + 2 ** 32, 2, 3),
      recordId(generationWords(stream), 1, 3, 3),
      recordId(generationWords(stream), 1, 2, 4),
    ])
    expect(ids.size).toBe(6)
  })

  test('meets no other position in 200,000 lines that are alike', () => {
    const words = generationWords(stream)
    const ids = new Set<string>()
    for (let i = 0; i < 200_000; i++) ids.add(recordId(words, i * 100, 7, 0))
    expect(ids.size).toBe(200_000)
  })

  test('a chunk at once gives the same ids', () => {
    const words = generationWords(stream)
    const starts = [0, 10, 4_000]
    const checksums = [1, 0xffff_ffff, 0x8000_0000]
    const ids = recordIds(words, 2 ** 33, starts, checksums)
    expect(ids.length).toBe(3 * 36)
    starts.forEach((start, i) => {
      expect(ids.substring(36 * i, 36 * i + 36)).toBe(recordId(words, 2 ** 33 + start, checksums[i]!, 0))
    })
    expect(recordIds(words, 0, [], [])).toBe('')
  })
})

describe('generationWords', () => {
  test.each(['', 'abc', `${stream}00`, 'g'.repeat(32)])('refuses %j', (id) => {
    expect(() => generationWords(id)).toThrow(TypeError)
  })
})

describe('fileGeneration', () => {
  const line = Buffer.from('{"ts":"2026-11-23T11:00:00Z"}')

  test('is the framed SHA-256 that the documentation describes', () => {
    const { id, words } = fileGeneration('node-1', 2049n, 131_074, line)
    const device = Buffer.alloc(16)
    device.writeBigUInt64LE(2049n, 0)
    device.writeBigUInt64LE(131_074n, 8)
    const input = Buffer.concat([
      Buffer.from('affiant.generation/1\0'),
      u32(6),
      Buffer.from('node-1'),
      device,
      line,
    ])
    expect(id).toBe(createHash('sha256').update(input).digest('hex').slice(0, 32))
    expect(words).toEqual(generationWords(id))
  })

  test('from the second generation on, a newline and its number follow the first line', () => {
    const device = Buffer.alloc(16)
    device.writeBigUInt64LE(2049n, 0)
    device.writeBigUInt64LE(131_074n, 8)
    const parts = [Buffer.from('affiant.generation/1\0'), u32(6), Buffer.from('node-1'), device, line]
    const input = Buffer.concat([...parts, Buffer.from('\n'), u32(3)])
    expect(fileGeneration('node-1', 2049n, 131_074, line, 3).id).toBe(
      createHash('sha256').update(input).digest('hex').slice(0, 32),
    )
    expect(fileGeneration('node-1', 2049n, 131_074, line, 0)).toEqual(
      fileGeneration('node-1', 2049n, 131_074, line),
    )
  })

  test('differs with each of its parts, and by where one ends', () => {
    const ids = new Set([
      fileGeneration('a', 1, 2, line).id,
      fileGeneration('b', 1, 2, line).id,
      fileGeneration('a', 2, 2, line).id,
      fileGeneration('a', 1, 3, line).id,
      fileGeneration('a', 1, 2, line.subarray(1)).id,
      fileGeneration('a\u0001', 1, 2, line).id,
      fileGeneration('', 1, 2, line).id,
      fileGeneration('a', 1, 2, line, 1).id,
      fileGeneration('a', 1, 2, line, 2).id,
    ])
    expect(ids.size).toBe(9)
  })

  test('takes an inode of 64 bits', () => {
    expect(fileGeneration('a', 1, 2n ** 64n - 1n, line).id).not.toBe(
      fileGeneration('a', 1, 2n ** 63n, line).id,
    )
  })
})

describe('producerId', () => {
  test('is the framed SHA-256 that the documentation describes', () => {
    const input = Buffer.concat([
      Buffer.from('affiant.producer/1\0'),
      u32(4),
      Buffer.from('okta'),
      u32(5),
      Buffer.from('id-é'),
    ])
    expect(producerId('okta', 'id-é')).toBe(asUuid8(createHash('sha256').update(input).digest()))
    expect(producerId('okta', 'id-é')).toMatch(uuid8)
  })

  test('knows where the producer ends and the id begins', () => {
    expect(producerId('ab', 'c')).not.toBe(producerId('a', 'bc'))
  })
})

describe('producerUuid', () => {
  test('is lower case', () => {
    expect(producerUuid('019A92C1-3F00-7ABC-8DEF-0123456789AB')).toBe('019a92c1-3f00-7abc-8def-0123456789ab')
  })

  test.each([
    '',
    '019a92c13f007abc8def0123456789ab',
    '{019a92c1-3f00-7abc-8def-0123456789ab}',
    '019a92c1-3f00-7abc-8def-0123456789ab\n',
    '019a92c1-3f00-7abc-8def-0123456789ag',
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-ffff-ffff-ffff-ffffffffffff',
  ])('refuses %j', (text) => {
    expect(producerUuid(text)).toBeUndefined()
  })
})

test('bytes that are said to be a UUID are one, and nearly all are said to be', () => {
  const said = (text: string) => isProducerUuid(Buffer.from(`..${text}`), 2)
  fc.assert(
    fc.property(fc.uuid(), fc.nat(35), fc.constantFrom('-', 'g', 'A', '0', 'é', ''), (uuid, at, other) => {
      const text = `${uuid.slice(0, at)}${other}${uuid.slice(at + 1)}`
      if (said(text)) expect(producerUuid(text)).toBe(text)
      expect(said(uuid)).toBe(producerUuid(uuid) === uuid)
    }),
  )
  expect(said('00000000-0000-0000-0000-000000000000')).toBe(false)
  expect(said('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe(false)
})

test('isUuid says what the pattern of a UUID says, of texts that are nearly one', () => {
  const pattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
  const nearly = fc
    .tuple(
      fc.uuid(),
      fc.boolean(),
      fc.nat(36),
      fc.nat(1),
      fc.constantFrom('', '-', '0', 'F', 'g', '/', ':', '@', '`', '\u0130', '\uff10'),
    )
    .map(([uuid, inCapitals, at, taken, put]) => {
      const text = inCapitals ? uuid.toUpperCase() : uuid
      return text.slice(0, at) + put + text.slice(at + taken)
    })
  let yes = 0
  fc.assert(
    fc.property(nearly, (text) => {
      expect(isUuid(text)).toBe(pattern.test(text))
      if (isUuid(text)) yes++
    }),
    { numRuns: 1000 },
  )
  expect(yes).toBeGreaterThan(50)
  expect(yes).toBeLessThan(950)
})
