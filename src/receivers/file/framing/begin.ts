/** How one file is framed: decided by the configuration, and by the file's beginning where that says `auto`. */
import type { StreamPosition } from '../../../event/batch.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { isBlank } from './blank.ts'
import { type ContainerFormat, containerFormatOf, unwrappers } from './container-line.ts'
import { decoders, type Encoding, markedEncoding } from './encoding.ts'
import { Framer, type FramerOptions } from './framer.ts'
import type { LineEnds } from './line-ends.ts'
import type { Continues } from './multiline.ts'
import { leadingNuls } from './nuls.ts'
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
  const head = await headOf(source, rules)
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

async function headOf(source: ByteSource, { encoding, container }: FramingRules): Promise<Buffer> {
  const isNeeded = encoding === 'auto' || container === 'auto'
  const head = Buffer.alloc(isNeeded ? lookedAt : 0)
  for (let at = 0; isNeeded; at += lookedAt) {
    const read = await source.read(head, at)
    // A mark is at the very beginning; a runtime's first line may be behind a hole.
    if (container !== 'auto' || leadingNuls(head.subarray(0, read), 1) < lookedAt)
      return head.subarray(0, read)
  }
  return head
}

function formatOf(head: Buffer, encoding: Encoding): ContainerFormat | undefined {
  for (const { text } of rawLines(head, 0, decoders[encoding])) {
    if (!isBlank(text)) return containerFormatOf(text)
  }
  return undefined
}
