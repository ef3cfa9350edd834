import { expect, test } from 'vitest'
import { BlockWalk, OutputLines } from '../../src/delivery/output-lines.ts'
import { blockOf, type MemoryEvent, origin } from './memory-journal.ts'

const roomy = { maxBytes: 1024 ** 2, maxEvents: 10_000 }
const small = () => Buffer.alloc(10)

function linesOf(firstSeq: number, events: readonly MemoryEvent[], limits = roomy) {
  const lines = new OutputLines(origin, limits, small(), 0)
  lines.append(new BlockWalk(blockOf(firstSeq, events)), events.length)
  return lines.take()
}

function texts({ lines, lengths }: { lines: Buffer; lengths: Uint32Array }): string[] {
  const found: string[] = []
  let at = 0
  for (const length of lengths) {
    found.push(lines.toString('utf8', at, at + length))
    expect(lines[at + length]).toBe(0x0a)
    at += length + 1
  }
  expect(at).toBe(lines.length)
  return found
}

test('`log` is spliced in as the last member, with the size of the canonical bytes', () => {
  const canonical = '{"action":"ü","n":1}'
  expect(texts(linesOf(41, [{ canonical }]))).toEqual([
    '{"action":"ü","n":1,"log":{"origin":"affiant/test/1","seq":41,"size":21}}',
  ])
})

test('a verifier takes the first size - 1 bytes and a brace and has the canonical bytes again', () => {
  const events = [
    { canonical: '{"action":"a","message":"}\\u0000{"}' },
    { canonical: '{"action":"b"}', raw: Buffer.from('"log":{') },
  ]
  for (const [index, text] of texts(linesOf(7, events)).entries()) {
    const { log } = JSON.parse(text) as { log: { size: number; seq: number } }
    expect(log.seq).toBe(7 + index)
    expect(`${Buffer.from(text).toString('utf8', 0, log.size - 1)}}`).toBe(events[index]!.canonical)
  }
})

test('raw bytes go out as text or as base64, as the event says', () => {
  const bytes = Buffer.from([0xff, 0x00, 0x22])
  const [text, binary, none] = texts(
    linesOf(0, [
      { canonical: '{"action":"a","raw":{"encoding":"utf-8"}}', raw: Buffer.from('say "ü"\u0000\u2028') },
      { canonical: '{"action":"b","raw":{"encoding":"base64"}}', raw: bytes },
      { canonical: '{"action":"c","raw":{"encoding":"base64"}}' },
    ]),
  ).map((line) => JSON.parse(line) as { raw_data?: string })
  expect(text!.raw_data).toBe('say "ü"\u0000\u2028')
  expect(Buffer.from(binary!.raw_data!, 'base64')).toEqual(bytes)
  expect(none).not.toHaveProperty('raw_data')
})

test('seqs of every length are written as JSON numbers', () => {
  for (const seq of [
    0,
    9,
    10,
    99,
    100,
    2 ** 31 - 1,
    2 ** 31,
    9_999_999_999,
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
  ]) {
    const [line] = texts(linesOf(seq, [{ canonical: '{"a":1}' }]))
    expect(line).toBe(`{"a":1,"log":{"origin":"affiant/test/1","seq":${seq},"size":7}}`)
  }
})

test('an event that does not fit ends the batch and begins the next one', () => {
  const canonical = `{"action":"${'x'.repeat(100)}"}`
  const events = Array.from({ length: 5 }, () => ({ canonical }))
  const block = blockOf(0, events)
  const walk = new BlockWalk(block)
  const first = new OutputLines(origin, { maxBytes: 400, maxEvents: 10 }, small(), 0)
  first.append(walk, 5)
  expect(first).toMatchObject({ count: 2, full: true })
  expect(first.bytes).toBeLessThanOrEqual(400)
  const second = new OutputLines(origin, { maxBytes: 1_000_000, maxEvents: 2 }, small(), 0)
  second.append(walk, 5)
  expect(second).toMatchObject({ count: 2, full: true })
  expect([...second.take().seqs]).toEqual([2, 3])
})

test('an event larger than a batch is a batch of its own', () => {
  const [line] = texts(
    linesOf(0, [{ canonical: `{"a":"${'x'.repeat(5000)}"}` }], { maxBytes: 100, maxEvents: 10 }),
  )
  expect(line).toHaveLength(5000 + '{"a":"","log":{"origin":"affiant/test/1","seq":0,"size":5008}}'.length)
})

test('events between are passed over, their raw bytes too', () => {
  const block = blockOf(
    10,
    Array.from({ length: 6 }, (_, index) => ({
      canonical: `{"n":${index},"raw":{"encoding":"utf-8"}}`,
      ...(index % 2 === 0 ? {} : { raw: Buffer.from(`raw ${index}`) }),
    })),
  )
  const lines = new OutputLines(origin, roomy, small(), 0)
  const walk = new BlockWalk(block)
  for (const index of [1, 3, 4]) {
    walk.skipTo(index)
    lines.append(walk, index + 1)
  }
  const found = texts(lines.take()).map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(found.map(({ n, raw_data }) => [n, raw_data])).toEqual([
    [1, 'raw 1'],
    [3, 'raw 3'],
    [4, undefined],
  ])
})
