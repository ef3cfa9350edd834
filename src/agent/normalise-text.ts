/** A text of lines, as a file of its own would be read: framed, normalised, its events as objects. */
import type { LineChunk } from '../event/record.ts'
import type { NormalisedBatch } from '../normalise/contract.ts'
import type { InlineNormaliser } from '../normalise/normaliser.ts'
import { type FramingRules, framingOf } from '../receivers/file/framing/begin.ts'
import { inMemory } from './in-memory.ts'

export type EventObject = Readonly<Record<string, unknown>>

/** There is no file behind it. */
const stream = { id: '0'.repeat(32), receiver: 'text' }

/** @param observed unix milliseconds */
export async function normaliseText(
  text: string | Uint8Array,
  normaliser: InlineNormaliser,
  framing: FramingRules,
  observed: number,
): Promise<readonly EventObject[]> {
  const given = Buffer.from(text)
  const bytes = given.at(-1) === 0x0a ? new Uint8Array(given) : new Uint8Array([...given, 0x0a])
  const frames = await framingOf(inMemory(bytes), framing)
  if (frames === null) return eventsIn(normaliser.lines({ stream, bytes, offset: 0, observed }))
  const framer = frames.framer({ offset: 0, ranges: [] })
  const input = { bytes: Buffer.from(bytes), offset: 0, end: bytes.length }
  return [...framer.push(input, 0), ...framer.flush()].flatMap((chunk) => {
    const { position, ...framed } = chunk
    const lines: LineChunk = { stream, offset: position.offset, observed, ...framed }
    return eventsIn(normaliser.lines(lines))
  })
}

function eventsIn(batch: NormalisedBatch): EventObject[] {
  const text = Buffer.from(batch.payload).toString().trimEnd()
  return text === '' ? [] : text.split('\n').map((line): EventObject => JSON.parse(line))
}
