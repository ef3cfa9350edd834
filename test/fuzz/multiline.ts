/**
 * The framing of records, joined from parts and from lines. The first bytes choose the rules and how the rest is cut into
 * readings; the rest is the file.
 */
import { hash } from 'node:crypto'
import { containerFormatOf, unwrappers } from '../../src/receivers/file/framing/container-line.ts'
import { decoders } from '../../src/receivers/file/framing/encoding.ts'
import type { FramedChunk } from '../../src/receivers/file/framing/framed-chunk.ts'
import { Framer, type FramerOptions } from '../../src/receivers/file/framing/framer.ts'
import type { JoiningRules } from '../../src/receivers/file/framing/joiner.ts'
import { compileMultiline } from '../../src/receivers/file/framing/multiline.ts'
import type { FuzzTarget } from './target.ts'

const maxRecord = 512
const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin-1'] as const
const rules: readonly (JoiningRules | undefined)[] = [
  undefined,
  ...[{ indented: true as const }, { start: '^[a-z]' }, { continuation: '^\\W' }].map((rule) => ({
    kind: 'lines' as const,
    continues: compileMultiline(rule),
    timeout: 1,
  })),
  { kind: 'quotes', delimiter: ',', quote: '"', timeout: 1 },
  { kind: 'auditd', timeout: 1 },
]
const formats = [undefined, 'cri', 'docker'] as const

/** @throws Error when a line is lost, or in two records, or more is held than may be */
function frameAll(input: Buffer): void {
  const [choice = 0, cut = 0] = input
  const content = input.subarray(2)
  const decoder = decoders[encodings[choice & 3]!]
  const joining = rules[((choice >> 2) & 7) % rules.length]
  const format = formats[(choice >> 5) % formats.length]
  const options: FramerOptions = {
    decoder,
    maxRecord,
    ...(format && { container: { format, unwrap: unwrappers[format] } }),
    ...(joining && { joining }),
  }
  containerFormatOf(content)
  const framer = new Framer(options, { offset: 0, ranges: [] })
  const begun = new Set<number>()
  const look = (chunks: readonly FramedChunk[]) => {
    for (const chunk of chunks) check(chunk, begun, content.length)
    if (framer.held > maxRecord) throw new Error(`${framer.held} bytes are held of at most ${maxRecord}`)
  }
  const unit = decoder.lineEnds.newline.length
  for (let offset = 0, now = 0; offset < content.length; now++) {
    const from = offset + ((now * 7 + cut) % 64) * unit
    const at = from < content.length ? decoder.lineEnds.first(content.subarray(offset), from - offset) : -1
    const end = at < 0 ? content.length : offset + at + unit
    look(framer.push({ bytes: Buffer.from(content.subarray(offset, end)), offset, end }, now))
    if ((now + cut) % 5 === 0) look(framer.quiet(now + (cut & 1)))
    offset = end
  }
  look(framer.flush())
  if (framer.isPending) throw new Error('a record is still in the making')
  const { offset, ranges } = framer.position
  if (offset !== content.length || ranges.length > 0)
    throw new Error(`done up to ${offset} of ${content.length}`)
}

function check({ bytes, frames, oversize, position }: FramedChunk, begun: Set<number>, size: number): void {
  const { starts, ends, offsets, lengths } = frames
  for (const [i, start] of starts.entries()) {
    if (!(start <= ends[i]! && ends[i]! <= bytes.length)) throw new Error('a record lies outside its chunk')
    const from = offsets[i]!
    const end = from + lengths[i]!
    if (!(from >= 0 && end <= size)) throw new Error(`bytes ${from} to ${end} of ${size}`)
    if (begun.has(from)) throw new Error(`two records from byte ${from}`)
    begun.add(from)
    const isDone = end <= position.offset || position.ranges.some(([begin, to]) => begin < end && end <= to)
    if (!isDone) throw new Error(`the position leaves out a record that ends at ${end}`)
  }
  if (oversize && (starts.length !== 1 || oversize.size <= maxRecord)) throw new Error('no oversize record')
  if (oversize && oversize.size <= bytes.length && hash('sha256', bytes) !== oversize.sha256) {
    throw new Error('the hash is of something else')
  }
}

const time = '2026-11-23T07:58:33.123456789Z'
const lines = 'a\n b\n\nc\r\n\td\n'
const cri = `${time} stdout P a\n${time} stderr F  b\n${time} stdout F c\nno\n`
const docker = `{"log":"a","stream":"stdout","time":"${time}"}\n{"log":"b\\n","stream":"stdout","time":"${time}"}\n`

const rows = '1,"a\nb ""c""",2\n3,4\n5,"torn\n6,"d"\n'
const audit =
  'type=SYSCALL msg=audit(1.0:1): a=1\ntype=SYSCALL msg=audit(1.0:2): a=2\nx\ntype=PATH msg=audit(1.0:1): b=1\n' +
  'node=h type=EOE msg=audit(1.0:1): \ntype=PROCTITLE msg=audit(1.0:2): c=2\ntype=EOE msg=audit(1.0:2): \n'

/** `rule` and `format` are indexes into the rules and the containers' formats. */
const chosen = (rule: number, content: string | Buffer, { encoding = 0, format = 0 } = {}) =>
  Buffer.concat([Buffer.of((format << 5) | (rule << 2) | encoding, 3), Buffer.from(content)])

const corpus: readonly Buffer[] = [
  chosen(1, lines),
  chosen(2, lines),
  chosen(3, lines.repeat(50)),
  chosen(1, Buffer.from(`\ufeff${lines}`, 'utf16le'), { encoding: 1 }),
  chosen(1, Buffer.from(lines, 'utf16le').swap16(), { encoding: 2 }),
  chosen(1, Buffer.from(lines, 'latin1'), { encoding: 3 }),
  chosen(0, cri, { format: 1 }),
  chosen(1, cri.repeat(20), { format: 1 }),
  chosen(1, docker.repeat(10), { format: 2 }),
  chosen(4, rows.repeat(5)),
  chosen(5, audit.repeat(3)),
]

export const multiline: FuzzTarget = { corpus, check: frameAll }
