/** What the tests of framing share: rules, lines in, records out. */
import type { StreamPosition } from '../../../../src/event/batch.ts'
import type { ContainerLine } from '../../../../src/event/record.ts'
import { type FramingRules, framingOf } from '../../../../src/receivers/file/framing/begin.ts'
import type { FramedChunk } from '../../../../src/receivers/file/framing/framed-chunk.ts'
import type { Framer } from '../../../../src/receivers/file/framing/framer.ts'
import { compileMultiline, type MultilineRule } from '../../../../src/receivers/file/framing/multiline.ts'
import type { ByteSource } from '../../../../src/receivers/file/source/byte-source.ts'

export const beginning: StreamPosition = { offset: 0, ranges: [] }
export const timeout = 5_000

export interface Rules extends Partial<FramingRules> {
  readonly rule?: MultilineRule
}

function rulesOf({ rule, ...rules }: Rules): FramingRules {
  return {
    encoding: 'auto',
    container: 'none',
    maxRecord: 1 << 20,
    ...rules,
    ...(rule && { joining: { kind: 'lines', continues: compileMultiline(rule), timeout } }),
  }
}

/** A source that has nothing but `content`. */
function sourceOf(content: Buffer): ByteSource {
  return {
    isOpen: true,
    read: async (buffer, position) => content.copy(buffer, 0, position),
    size: async () => content.length,
    stat: () => Promise.reject(new Error('has none')),
    locate: async () => null,
    close: async () => {},
  }
}

export async function framingFor(content: Buffer, rules: Rules) {
  const framing = await framingOf(sourceOf(content), rulesOf(rules))
  if (!framing) throw new Error('these rules frame nothing')
  return framing
}

export interface Framed {
  readonly text: string
  readonly offset: number
  readonly length: number
  readonly container?: ContainerLine
  readonly warnings?: readonly string[]
  readonly oversize?: { readonly size: number; readonly sha256: string }
}

export function recordsOf(chunks: readonly FramedChunk[]): Framed[] {
  return chunks.flatMap(({ bytes, frames, oversize }) =>
    frames.starts.map((start, i): Framed => {
      const container = frames.containers?.[i]
      const warnings = frames.warnings?.[i]
      return {
        text: bytes.toString('utf8', start, frames.ends[i]),
        offset: frames.offsets[i]!,
        length: frames.lengths[i]!,
        ...(container && { container }),
        ...(warnings && { warnings }),
        ...(oversize && { oversize }),
      }
    }),
  )
}

/** Hands `content` from `from` on to `framer` in pieces of whole lines, each of at least `step` bytes. */
export function feed(framer: Framer, content: Buffer, newline: Buffer, step = Infinity, from = 0) {
  const chunks: FramedChunk[] = []
  for (let offset = from; offset < content.length; ) {
    const unit = newline.length
    let at = content.indexOf(newline, Math.min(content.length, offset + step))
    while (at >= 0 && at % unit !== 0) at = content.indexOf(newline, at + 1)
    const end = at < 0 ? content.length : at + unit
    // Its memory is used again as soon as it was taken.
    const bytes = Buffer.from(content.subarray(offset, end))
    chunks.push(...framer.push({ bytes, offset, end }, 0))
    bytes.fill(0x21)
    offset = end
  }
  return chunks
}

/** All records of `content`, the last ones flushed. */
export async function frame(content: Buffer | string, rules: Rules, step?: number): Promise<Framed[]> {
  const bytes = Buffer.from(content)
  const { framer, lineEnds } = await framingFor(bytes, rules)
  const machine = framer(beginning)
  const chunks = feed(machine, bytes, lineEnds.newline, step)
  return recordsOf([...chunks, ...machine.flush()])
}

export async function texts(content: Buffer | string, rules: Rules, step?: number): Promise<string[]> {
  return (await frame(content, rules, step)).map(({ text }) => text)
}
