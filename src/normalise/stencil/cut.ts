/**
 * Cuts a stencil: has the general path make events of lines with marked values, sees where the marks come out, and
 * keeps the rest as fixed bytes. The general path stays the only place that knows what a mapping means.
 *
 * Trust comes from comparison: the filled stencil must be, byte for byte, what the general path makes of the line
 * itself and of another one with other values. Where it is not, the line has no stencil.
 */
import { generationWords, recordIds } from '../../event/id.ts'
import { formatTime } from '../../event/time.ts'
import type { TimeReader } from '../compile/time-format.ts'
import type { NormalisedBatch, Normaliser } from '../contract.ts'
import { lineChecksums } from '../decode/lines.ts'
import { EventWriter } from '../event-writer.ts'
import type { Shape } from './shape.ts'
import { fill, holes, type LineFacts, lineFacts, programOf, type Stencil } from './stencil.ts'

/** How the values of a line are treated, slot by slot. */
export interface Plan {
  readonly shape: Shape
  /** Slots whose values decide in this line. */
  readonly deciding: ReadonlySet<number>
  /** The slot that is read as a time. */
  readonly time: { readonly slot: number; readonly reader: TimeReader } | undefined
}

/** The general path, without stencils. */
export interface GeneralPath {
  lines(chunk: Parameters<Normaliser['lines']>[0]): NormalisedBatch
}

/** A line made of a shape and values. */
interface Trial {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly slots: Int32Array
  readonly stream: string
  readonly offset: number
  readonly observed: number
}

export function cutStencil(
  plan: Plan,
  values: readonly Uint8Array[],
  general: GeneralPath,
): Stencil | undefined {
  const marks = plan.shape.slots.map((slot, i) => {
    if (plan.deciding.has(i)) return values[i]!
    if (i === plan.time?.slot) return Buffer.from(slot.kind === 'string' ? markTime : markUnix)
    return Buffer.from(slot.kind === 'string' ? `mark ${i} of a slot~` : String(markNumber + i))
  })
  const marked = trial(plan.shape, marks, 0)
  const made = make(general, marked)
  if (made === undefined) return undefined
  const stencil = cutAt(plan, values, marks, marked, made)
  if (stencil === undefined) return undefined

  const others = plan.shape.slots.map((slot, i) => {
    if (plan.deciding.has(i)) return values[i]!
    if (i === plan.time?.slot) return Buffer.from(slot.kind === 'string' ? otherTime : otherUnix)
    return Buffer.from(slot.kind === 'string' ? String(otherNumber + i) : `-${i + 1}.5`)
  })
  const holds = [values, others].every((each, i) =>
    isTrue(stencil, plan, trial(plan.shape, each, i + 1), general),
  )
  return holds ? stencil : undefined
}

const markTime = '1971-03-05T04:05:06.789Z'
const markUnix = '1234567890'
const markNumber = 600_000_000_000_000
const otherTime = '2031-12-30T23:59:58+02:00'
const otherUnix = '1334567890'
/** Digits as text: what a mapping might take for a number. No code or level that a table would know. */
const otherNumber = 70_000_003

function trial({ slots, tail }: Shape, values: readonly Uint8Array[], n: number): Trial {
  const at = new Int32Array(2 * slots.length)
  const parts: Uint8Array[] = []
  let length = 0
  for (const [i, { literal }] of slots.entries()) {
    parts.push(literal, values[i]!)
    length += literal.length
    at[2 * i] = length
    length += values[i]!.length
    at[2 * i + 1] = length
  }
  parts.push(tail)
  return {
    bytes: new Uint8Array(Buffer.concat(parts)),
    slots: at,
    stream: `c0ffee1${n}`.repeat(4),
    offset: 987_654_321_012 + n,
    observed: 33_333_333_333_333 + n,
  }
}

/** The event that the general path makes; undefined when it is not exactly one that was understood. */
function make(
  general: GeneralPath,
  { bytes, stream, offset, observed }: Trial,
): { readonly event: Buffer; readonly incomplete: boolean } | undefined {
  const line = new Uint8Array(bytes.length + 1)
  line.set(bytes)
  line[bytes.length] = 0x0a
  const batch = general.lines({ stream: { id: stream, receiver: '' }, bytes: line, offset, observed })
  if (batch.count !== 1 || batch.records !== 1 || batch.unparsed !== 0 || batch.raw.length !== 0)
    return undefined
  const event = Buffer.from(batch.payload.subarray(0, batch.lengths[0]))
  return { event, incomplete: batch.incomplete === 1 }
}

interface Mark {
  readonly text: string
  readonly hole: number
}

function cutAt(
  plan: Plan,
  values: readonly Uint8Array[],
  marks: readonly Uint8Array[],
  marked: Trial,
  { event, incomplete }: { readonly event: Buffer; readonly incomplete: boolean },
): Stencil | undefined {
  const facts = factsOf(marked, undefined)
  const provenance = `"length":${facts.length},"offset":${marked.offset},`
  const text = event.toString('latin1')
  if (text.split(provenance).length !== 2) return undefined
  const timeHole = plan.shape.slots.length
  const found: Mark[] = [
    { text: idsOf(marked), hole: holes.id },
    { text: formatTime(marked.observed), hole: holes.observed },
    { text: marked.stream, hole: holes.stream },
    { text: String(marked.offset), hole: holes.offset },
  ]
  for (const [i, mark] of marks.entries()) {
    if (plan.deciding.has(i)) continue
    found.push({ text: Buffer.from(mark).toString('latin1'), hole: i })
    if (i === plan.time?.slot) {
      const { reader } = plan.time
      const read = readTime(reader, plan.shape.slots[i]!.kind, Buffer.from(mark).toString('latin1'))
      if (read === undefined) return undefined
      found.push({ text: read, hole: timeHole })
    }
  }
  const cuts = found.flatMap(({ text: mark, hole }) =>
    occurrences(text, mark).map((at) => ({ at, end: at + mark.length, hole })),
  )
  const lengthAt = text.indexOf(provenance) + '"length":'.length
  cuts.push({ at: lengthAt, end: lengthAt + String(facts.length).length, hole: holes.length })
  cuts.sort((a, b) => a.at - b.at)
  if (cuts.some(({ at }, i) => i > 0 && at < cuts[i - 1]!.end)) return undefined

  const parts = [...cuts, { at: event.length, end: event.length, hole: holes.end }].map(
    ({ at, hole }, i) => ({
      bytes: event.subarray(i === 0 ? 0 : cuts[i - 1]!.end, at),
      hole,
    }),
  )
  const fixed = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const special = cuts.filter(({ hole }) => hole < 0 || hole === timeHole).length
  const copies = Math.max(1, ...marks.map((_, i) => cuts.filter(({ hole }) => hole === i).length))
  return {
    program: programOf(parts),
    time: plan.time && { slot: plan.time.slot, hole: timeHole },
    deciding: [...plan.deciding].map((slot) => ({ slot, bytes: new Uint8Array(values[slot]!) })),
    incomplete,
    fixedBytes: fixed + special * longestFact + slack,
    copies,
  }
}

/** Bytes of an id, a time, a stream, an offset: at most. */
const longestFact = 40
/** What is written too many, four bytes at a time. */
const slack = 4

function occurrences(text: string, mark: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) found.push(at)
  return found
}

function idsOf({ bytes, stream, offset }: Trial): string {
  const checksums = lineChecksums(bytes, { count: 1, starts: [0], ends: [bytes.length] })
  return recordIds(generationWords(stream), offset, [0], checksums)
}

function factsOf(tried: Trial, time: string | undefined): LineFacts {
  const { bytes, stream, offset, observed } = tried
  const chunk = { bytes, stream: { id: stream, receiver: '' }, offset, observed }
  return {
    ...lineFacts(chunk, idsOf(tried), formatTime(observed)),
    length: bytes.length,
    extent: bytes.length,
    offset,
    time,
  }
}

const scratch = new EventWriter()

/** Whether the filled stencil is what the general path makes of the line. */
function isTrue(stencil: Stencil, plan: Plan, tried: Trial, general: GeneralPath): boolean {
  const { time } = plan
  const read =
    time === undefined
      ? undefined
      : readTime(
          time.reader,
          plan.shape.slots[time.slot]!.kind,
          Buffer.from(tried.bytes).toString(
            'latin1',
            tried.slots[2 * time.slot],
            tried.slots[2 * time.slot + 1],
          ),
        )
  if (time !== undefined && read === undefined) return false
  const made = make(general, tried)
  if (made === undefined || made.incomplete !== stencil.incomplete) return false
  const output = scratch
  output.discard()
  fill(stencil, tried.slots, factsOf(tried, read), output)
  return made.event.equals(output.bytes.subarray(0, output.at))
}

/**
 * The time that a slot's text says, or undefined when that takes more than reading: an assumption that must be noted,
 * an original that must be kept beside a text.
 */
export function readTime(reader: TimeReader, kind: 'string' | 'number', text: string): string | undefined {
  const time = reader.read(kind === 'string' ? text : Number(text), 0)
  if (time === undefined || reader.assumed !== undefined) return undefined
  // A text that is kept beside its time would be a second kind of stencil; a number always is kept.
  return kind === 'string' && reader.original !== undefined ? undefined : time
}
