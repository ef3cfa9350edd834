/** How one file is framed: decided by the configuration, and by the file's beginning where that says `auto`. */
import type { StreamPosition } from '../../../event/batch.ts'
import { readAt } from '../identity/head.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { isBlank } from './blank.ts'
import { type ContainerFormat, containerFormatOf, unwrappers } from './container-line.ts'
import { decoders, type Encoding, markedEncoding } from './encoding.ts'
import { Framer, type FramerOptions } from './framer.ts'
import type { JoiningRules } from './joiner.ts'
import type { LineEnds } from './line-ends.ts'
import { leadingNuls } from './nuls.ts'
import { rawLines } from './raw-lines.ts'

/** How much of a file is looked at for a runtime's first line. */
const lookedAt = 64 * 1024
/** Bytes of a mark that tells an encoding. */
const markLength = 2

/** Of a receiver. */
export interface FramingRules {
  readonly encoding: Encoding | 'auto'
  readonly container: ContainerFormat | 'auto' | 'none'
  readonly joining?: JoiningRules
  readonly maxRecord: number
}

/** Of one file. */
export interface Framing {
  readonly lineEnds: LineEnds
  /** `position` is where reading begins or resumes. */
  readonly framer: (position: StreamPosition) => Framer
}

/**
 * Null for a file whose lines are its records: it needs none of this. `position` is where it is read on: what other
 * rules left there (records that were handed on from behind it) needs a framer in any case.
 */
export async function framingOf(
  source: Pick<ByteSource, 'read'>,
  rules: FramingRules,
  position?: StreamPosition,
): Promise<Framing | null> {
  const { joining, maxRecord } = rules
  const head = await headOf(source, rules)
  const encoding = rules.encoding === 'auto' ? markedEncoding(head) : rules.encoding
  const decoder = decoders[encoding]
  const format =
    rules.container === 'auto'
      ? formatOf(head, encoding)
      : rules.container === 'none'
        ? undefined
        : rules.container
  const isPlain = encoding === 'utf-8' && format === undefined && joining === undefined
  if (isPlain && !position?.ranges.length) return null
  const options: FramerOptions = {
    decoder,
    maxRecord,
    ...(format && { container: { format, unwrap: unwrappers[format] } }),
    ...(joining && { joining }),
  }
  return { lineEnds: decoder.lineEnds, framer: (position) => new Framer(options, position) }
}

async function headOf(
  source: Pick<ByteSource, 'read'>,
  { encoding, container }: FramingRules,
): Promise<Buffer> {
  if (container === 'auto') return await firstLines(source)
  return encoding === 'auto' ? await readAt(source, 0, markLength) : Buffer.alloc(0)
}

/** They may be behind a hole. */
export async function firstLines(source: Pick<ByteSource, 'read'>): Promise<Buffer> {
  for (let at = 0; ; at += lookedAt) {
    const head = await readAt(source, at, lookedAt)
    if (leadingNuls(head, 1) < lookedAt) return head
  }
}

function formatOf(head: Buffer, encoding: Encoding): ContainerFormat | undefined {
  for (const { text } of rawLines(head, 0, decoders[encoding])) {
    if (!isBlank(text)) return containerFormatOf(text)
  }
  return undefined
}
