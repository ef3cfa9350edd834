/** How one file is framed: decided by the configuration, and by the file's beginning where that says `auto`. */
import type { StreamPosition } from '../../../event/batch.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { isBlank } from './blank.ts'
import { type ContainerFormat, containerFormatOf, unwrappers } from './container-line.ts'
import { decoders, type Encoding, markedEncoding } from './encoding.ts'
import { Framer, type FramerOptions } from './framer.ts'
import type { LineEnds } from './line-ends.ts'
import type { Continues } from './multiline.ts'
import { rawLines } from './raw-lines.ts'

/** How much of a file is looked at. */
const lookedAt = 64 * 1024

/** Of a receiver. */
export interface FramingRules {
  readonly encoding: Encoding | 'auto'
  readonly container: ContainerFormat | 'auto' | 'none'
  readonly multiline?: { readonly continues: Continues; readonly timeout: number }
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
  source: ByteSource,
  rules: FramingRules,
  position?: StreamPosition,
): Promise<Framing | null> {
  const { multiline, maxRecord } = rules
  const head = needsHead(rules) ? await headOf(source) : Buffer.alloc(0)
  const encoding = rules.encoding === 'auto' ? markedEncoding(head) : rules.encoding
  const decoder = decoders[encoding]
  const format =
    rules.container === 'auto'
      ? formatOf(head, encoding)
      : rules.container === 'none'
        ? undefined
        : rules.container
  const isPlain = encoding === 'utf-8' && format === undefined && multiline === undefined
  if (isPlain && !position?.ranges.length) return null
  const options: FramerOptions = {
    decoder,
    maxRecord,
    ...(format && { container: { format, unwrap: unwrappers[format] } }),
    ...(multiline && { multiline }),
  }
  return { lineEnds: decoder.lineEnds, framer: (position) => new Framer(options, position) }
}

const needsHead = ({ encoding, container }: FramingRules) => encoding === 'auto' || container === 'auto'

async function headOf(source: ByteSource): Promise<Buffer> {
  const head = Buffer.alloc(lookedAt)
  return head.subarray(0, await source.read(head, 0))
}

function formatOf(head: Buffer, encoding: Encoding): ContainerFormat | undefined {
  for (const { text } of rawLines(head, 0, decoders[encoding])) {
    if (!isBlank(text)) return containerFormatOf(text)
  }
  return undefined
}
