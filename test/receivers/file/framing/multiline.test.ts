// Lines that belong together: which, until when, and how many.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { fileReceiverConfig } from '../../../../src/receivers/file/config.ts'
import { beginning, feed, frame, framingFor, recordsOf, texts, timeout } from './framing.ts'

const newline = Buffer.of(10)

test.each([
  ['start', { start: '^\\d' }, '1 a\n  b\nc\n2 d\n', ['1 a\n  b\nc', '2 d']],
  ['start, orphans first', { start: '^\\d' }, 'x\ny\n1 a\n', ['x\ny', '1 a']],
  [
    'continuation',
    { continuation: '^(\\s|Caused by)' },
    'a\n b\nCaused by: c\nd\n',
    ['a\n b\nCaused by: c', 'd'],
  ],
  ['continuation, orphans first', { continuation: '^\\s' }, ' a\n b\nc\n', [' a\n b', 'c']],
  ['indented', { indented: true as const }, 'a\n b\n\tc\nd\n', ['a\n b\n\tc', 'd']],
  ['CRLF', { indented: true as const }, 'a\r\n b\r\nc\r\n', ['a\n b', 'c']],
  ['blank lines within', { indented: true as const }, 'a\n\n b\nc\n', ['a\n\n b', 'c']],
  ['blank lines behind', { indented: true as const }, 'a\n b\n\n \nc\n', ['a\n b', 'c']],
  ['blank lines before', { indented: true as const }, '\n\na\n b\n', ['a\n b']],
  ['no newline at the end', { indented: true as const }, 'a\n b', ['a\n b']],
  [
    'documents written for people',
    { start: '^[{\\[]' },
    '[\n  {\n    "a": 1\n  }\n]\n{\n  "b": []\n}\n',
    ['[\n  {\n    "a": 1\n  }\n]', '{\n  "b": []\n}'],
  ],
  ['byte order mark', { start: '^\\d' }, '\ufeff1 a\nb\n', ['1 a\nb']],
])('%s', async (_, rule, content, expected) => {
  expect(await texts(content, { rule })).toEqual(expected)
})

test('a record says which bytes it was made of', async () => {
  const records = await frame('\ufeffa\r\n b\r\n\r\ncc\n', { rule: { indented: true } })
  expect(records).toEqual([
    { text: 'a\n b', offset: 3, length: 5 },
    { text: 'cc', offset: 12, length: 2 },
  ])
})

test('a record is whole when nothing was added to it for the timeout, and not before', async () => {
  const content = Buffer.from('a\n b\n')
  const { framer } = await framingFor(content, { rule: { indented: true } })
  const machine = framer(beginning)
  expect(machine.push({ bytes: content, offset: 0, end: 5 }, 1_000)).toEqual([])
  expect(machine.isDue(1_000 + timeout - 1)).toBe(false)
  expect(machine.quiet(1_000 + timeout - 1)).toEqual([])
  expect(machine.isDue(1_000 + timeout, 1_001)).toBe(false)
  expect(machine.isDue(1_000 + timeout)).toBe(true)
  expect(recordsOf(machine.quiet(1_000 + timeout))).toEqual([{ text: 'a\n b', offset: 0, length: 4 }])
  expect(machine.position).toEqual({ offset: 5, ranges: [] })
  expect(machine.isPending).toBe(false)
})

test('a record in the making holds the position back', async () => {
  const content = Buffer.from('a\nb\n c\n')
  const { framer } = await framingFor(content, { rule: { indented: true } })
  const machine = framer(beginning)
  const [chunk, ...others] = feed(machine, content, newline)
  expect(others).toEqual([])
  expect(chunk!.position).toEqual({ offset: 2, ranges: [] })
  expect(machine.position).toEqual({ offset: 2, ranges: [] })
})

test.each([1, 100, 4_000])(
  'a joined record over the limit is one event with its hash (reads of %i bytes)',
  async (step) => {
    const first = `head ${'x'.repeat(700)}`
    const lines = Array.from({ length: 300 }, (_, i) => ` ${i} ${'y'.repeat(500)}`)
    const whole = [first, ...lines].join('\n')
    const records = await frame(`a\n${whole}\nb\n`, { rule: { indented: true }, maxRecord: 100_000 }, step)
    const oversize = { size: whole.length, sha256: hash('sha256', whole) }
    expect(records).toEqual([
      { text: 'a', offset: 0, length: 1 },
      { text: whole.slice(0, 64 * 1024), offset: 2, length: whole.length, oversize },
      { text: 'b', offset: 3 + whole.length, length: 1 },
    ])
  },
)

test('10 MB of lines without an end cost no more than the limit', async () => {
  const line = Buffer.from(` ${'y'.repeat(1_000)}\n`)
  const { framer } = await framingFor(line, { rule: { start: '^x' }, maxRecord: 200_000 })
  const machine = framer(beginning)
  for (let i = 0; i < 10_000; i++) {
    const offset = i * line.length
    expect(machine.push({ bytes: line, offset, end: offset + line.length }, 0)).toEqual([])
    if (machine.held > 200_000) throw new Error(`${machine.held} bytes are held`)
  }
  const [record] = recordsOf(machine.flush())
  expect(record!.oversize!.size).toBe(10_000 * line.length - 1)
})

test('a line over the limit ends the record before it and stands alone', async () => {
  const { framer } = await framingFor(Buffer.alloc(0), { rule: { indented: true } })
  const machine = framer(beginning)
  machine.push({ bytes: Buffer.from('a\n b\n'), offset: 0, end: 5 }, 0)
  const oversize = { size: 9_000, sha256: 'ab' }
  const chunks = machine.push({ bytes: Buffer.from('head'), offset: 5, end: 9_006, oversize }, 0)
  expect(recordsOf(chunks)).toEqual([
    { text: 'a\n b', offset: 0, length: 4 },
    { text: 'head', offset: 5, length: 9_000, oversize },
  ])
  expect(chunks.map(({ position }) => position.offset)).toEqual([5, 9_006])
})

test.each([
  [{ start: '(' }, 'not a pattern'],
  [{ start: '(?=a)' }, 'no look-around'],
  [{ start: 'a', indented: true }, 'exactly one of'],
  [{}, 'exactly one of'],
  [{ indented: false }, 'true'],
])('%j is no rule', (multiline, message) => {
  const parsed = fileReceiverConfig.safeParse({ type: 'file', include: ['/x'], multiline })
  expect(parsed.error?.issues.map((issue) => issue.path[0])).toContain('multiline')
  expect(parsed.error?.message).toContain(message)
})
