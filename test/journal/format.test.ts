/** The bytes of docs/journal-format.md, and a whole segment as a golden file. `AFFIANT_WRITE_GOLDEN=1` writes both anew. */
import { readFile, writeFile } from 'node:fs/promises'
import { crc32c } from '@node-rs/crc32'
import { describe, expect, test } from 'vitest'
import { blockKinds } from '../../src/journal/block.ts'
import { claimedHeaderLength, decodeBody, decodeHeader } from '../../src/journal/block-decode.ts'
import { encodeBlock } from '../../src/journal/block-encode.ts'
import { noKeyId, wrappedKeyLength } from '../../src/journal/key-ring.ts'
import { LiveStreams } from '../../src/journal/live-streams.ts'
import { openBody } from '../../src/journal/open-block.ts'
import { decodeSegmentHeader, encodeSegmentHeader, segmentVersion } from '../../src/journal/segment-header.ts'
import { batchOf } from './journal-directory.ts'

const page = new URL('../../docs/journal-format.md', import.meta.url)
const golden = new URL('../fixtures/journal/segment.hex', import.meta.url)

const incarnation = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const stream = '0123456789abcdef0123456789abcdef'
const check = { length: 40, crc: 0x1234_5678, from: 2, sum: 0x9abc_def0 }
const position = { offset: 42, ranges: [[50, 60]] as const, check }
const update = { stream, position, descriptor: Buffer.from('d') }
const context = {
  incarnation,
  kind: blockKinds.events,
  firstSeq: 7,
  group: 3,
  durableEnd: 8304,
  durableSeq: 6,
  writtenTime: 1_700_000_001_000,
  cipher: null,
}
const block = () => Buffer.concat(encodeBlock({ batch: batchOf(['{"a":1}'], ['raw']), update }, context))

const streams = new LiveStreams()
streams.apply({
  stream,
  descriptor: Buffer.from('{"inode":7}'),
  position: { offset: 40, ranges: [[41, 42]], check: { length: 40, crc: 0x8765_4321, from: 0, sum: 7 } },
})
const snapshot = streams.encode()
const header = {
  version: segmentVersion,
  incarnation,
  epoch: 1_700_000_000_000,
  origin: 'affiant/node-1/1700000000000',
  number: 2,
  firstSeq: 7,
  base: 0x1_0000_0000,
  created: 1_700_000_000_500,
  snapshotLength: snapshot.byteLength,
  snapshotCrc: crc32c(snapshot),
  dataStart: 8288,
  routeTable: 'ab'.repeat(32),
  keyId: noKeyId,
  wrappedKey: Buffer.alloc(wrappedKeyLength),
}
const segment = () =>
  Buffer.concat([
    encodeSegmentHeader(header),
    snapshot,
    Buffer.alloc(8288 - 8192 - snapshot.byteLength),
    block(),
  ])

function hexDump(bytes: Buffer): string {
  const rows: string[] = []
  for (let at = 0; at < bytes.byteLength; at += 16) {
    const row = bytes.subarray(at, at + 16)
    // As hexdump(1) does: runs of zeros are said once.
    if (at > 0 && row.every((byte) => byte === 0) && at + 16 < bytes.byteLength) {
      if (rows.at(-1) !== '*') rows.push('*')
      continue
    }
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = [...row]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('')
    rows.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`)
  }
  return rows.join('\n')
}

const exampleIn = (text: string): string => /```\n(00000000 {2}[^`]*)\n```/.exec(text)?.[1] ?? ''

describe('format', () => {
  test('the worked example of the documentation is what is written', async () => {
    const text = await readFile(page, 'utf8')
    const example = exampleIn(text)
    if (process.env.AFFIANT_WRITE_GOLDEN) await writeFile(page, text.replace(example, hexDump(block())))
    else expect(hexDump(block())).toBe(example)
  })

  test('a segment is byte for byte what it was', async () => {
    if (process.env.AFFIANT_WRITE_GOLDEN) await writeFile(golden, `${hexDump(segment())}\n`)
    expect(`${hexDump(segment())}\n`).toBe(await readFile(golden, 'utf8'))
  })

  test('reads back what was written', async () => {
    const bytes = segment()
    expect(decodeSegmentHeader(bytes.subarray(0, 8192))).toEqual(header)
    expect(decodeSegmentHeader(Buffer.concat([Buffer.alloc(4096), bytes.subarray(4096, 8192)]))).toEqual(
      header,
    )
    expect(LiveStreams.decode(snapshot, segmentVersion)?.list()).toEqual(streams.list())
    const written = block()
    const length = claimedHeaderLength(written, 0, incarnation)
    expect(length).toBe(192 + 16 + 16 + 1)
    const decoded = decodeHeader(written.subarray(0, length))
    if (!decoded) throw new Error('not decoded')
    const { incarnation: _, cipher, ...written2 } = context
    expect(decoded).toMatchObject({ ...written2, count: 1, stream, position, length: written.byteLength })
    expect(decoded.descriptor?.toString()).toBe('d')
    const body = await openBody(decoded, written.subarray(length, length + decoded.bodyLength), cipher)
    if (!body) throw new Error('not opened')
    const { payload, raw, lengths, routes } = decodeBody(decoded, body, header)
    expect([payload.toString(), raw.toString(), [...lengths], [...routes]]).toEqual([
      '{"a":1}\n',
      'raw',
      [7],
      [1],
    ])
  })

  test('another incarnation, and a shorter buffer, are no block', () => {
    expect(claimedHeaderLength(block(), 0, Buffer.alloc(16))).toBe(0)
    expect(claimedHeaderLength(block().subarray(0, 100), 0, incarnation)).toBe(0)
  })

  test.each([
    ['version', 24],
    ['flags', 26],
    ['kind', 44],
  ])('a later %s is refused, once its checksum is right', (_, offset) => {
    const changed = block().subarray(0, 209)
    changed[offset] = 9
    expect(decodeHeader(changed)).toBeNull()
    changed.writeUInt32LE(0, 32)
    changed.writeUInt32LE(crc32c(changed), 32)
    expect(() => decodeHeader(changed)).toThrow(expect.objectContaining({ code: 'journal_format' }))
  })
})
