/**
 * Cuts a stencil: has the general path make events of lines with marked values, sees where the marks come out, and
 * keeps the rest as fixed bytes. The general path stays the only place that knows what a mapping means.
 *
 * Trust comes from comparison: the filled stencil must be, byte for byte, what the general path makes of the line
 * itself and of another one with other values. Where it is not, the line has no stencil.
 */
import { guardRule } from '../../attribution/credential-guard.ts'
import { generationWords, recordIds } from '../../event/id.ts'
import { formatTime } from '../../event/time.ts'
import type { NormalisedBatch, Normaliser } from '../contract.ts'
import { lineChecksums } from '../decode/lines.ts'
import { EventWriter } from '../event-writer.ts'
import { type Plan, textOf, valuesFor } from './marks.ts'
import { producerIdOf } from './producer-id.ts'
import type { Shape } from './shape.ts'
import { alone } from './slot-class.ts'
import { fill, holes, type LineFacts, lineFacts, programOf, type Stencil } from './stencil.ts'

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

/** @param considered slots that may decide */
export function cutStencil(
  plan: Plan,
  considered: readonly number[],
  own: readonly Uint8Array[],
  general: GeneralPath,
): Stencil | undefined {
  const marks = valuesFor(plan, own, 'marks')
  const others = valuesFor(plan, own, 'others')
  if (marks === undefined || others === undefined) return undefined
  const marked = trial(plan.shape, marks, 0)
  const made = make(general, marked)
  if (made === undefined) return undefined
  const stencil = cutAt(plan, considered, own, marks, marked, made)
  if (stencil === undefined) return undefined
  // What is no time to this stencil may be anything, so it is anything where others are tried.
  const needed = new Set(stencil.times.map(({ index }) => plan.times[index]!.slot))
  for (const { slot } of plan.times)
    if (!needed.has(slot)) others[slot] = Buffer.from(anything[plan.shape.slots[slot]!.kind])
  const holds = [own, others].every((each, i) =>
    isTrue(stencil, plan, trial(plan.shape, each, i + 1), general),
  )
  return holds ? stencil : undefined
}

const anything = { string: 'anything but a time', number: '1' }

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
  // A secret that was found in one place is taken out of all others: which they are, the next line decides.
  if (event.includes(guardMark)) return undefined
  return { event, incomplete: batch.incomplete === 1 }
}

const guardMark = `"rule":"${guardRule}"`

/** What is to be found in the event, and the hole that it leaves. */
interface Mark {
  readonly text: string
  readonly hole: number
}

interface Cut {
  readonly at: number
  readonly end: number
  readonly hole: number
}

function cutAt(
  plan: Plan,
  considered: readonly number[],
  own: readonly Uint8Array[],
  marks: readonly Uint8Array[],
  marked: Trial,
  { event, incomplete }: { readonly event: Buffer; readonly incomplete: boolean },
): Stencil | undefined {
  const text = event.toString('latin1')
  const provenance = `"length":${marked.bytes.length},"offset":${marked.offset},`
  if (text.split(provenance).length !== 2) return undefined
  const slots = marks.length
  const found: Mark[] = [
    { text: idsOf(marked), hole: holes.id },
    { text: formatTime(marked.observed), hole: holes.observed },
    { text: marked.stream, hole: holes.stream },
    { text: String(marked.offset), hole: holes.offset },
  ]
  for (const [slot, mark] of marks.entries())
    if (plan.classes[slot] !== alone) found.push({ text: textOf(mark), hole: slot })
  for (const [index, { slot, reader }] of plan.times.entries()) {
    const time = reader.readText(textOf(marks[slot]!))
    if (time === undefined) return undefined
    found.push({ text: time, hole: slots + index })
  }
  const cuts: Cut[] = found.flatMap(({ text: mark, hole }) =>
    occurrences(text, mark).map((at) => ({ at, end: at + mark.length, hole })),
  )
  const lengthAt = text.indexOf(provenance) + '"length":'.length
  cuts.push({ at: lengthAt, end: lengthAt + String(marked.bytes.length).length, hole: holes.length })
  const producer = producerIdOf(event)
  if (producer !== undefined) cuts.push(...producer)
  cuts.sort((a, b) => a.at - b.at || rank(a) - rank(b))
  if (cuts.some(({ at }, i) => i > 0 && at < cuts[i - 1]!.end)) return undefined

  const parts = [...cuts, { at: event.length, end: event.length, hole: holes.end }].map(
    ({ at, hole }, i) => ({
      bytes: event.subarray(i === 0 ? 0 : cuts[i - 1]!.end, at),
      hole,
    }),
  )
  const fixed = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const special = cuts.filter(({ hole }) => hole < 0 || hole >= slots).length
  const copies = Math.max(1, ...marks.map((_, i) => cuts.filter(({ hole }) => hole === i).length))
  return {
    program: programOf(parts),
    slots,
    hasProducerId: producer !== undefined,
    times: plan.times.flatMap(({ slot, reader }, index) => {
      if (!cuts.some(({ hole }) => hole === slots + index)) return []
      reader.readText(textOf(own[slot]!))
      return { index, kind: reader.kind }
    }),
    deciding: considered.map((slot) => ({
      slot,
      class: plan.classes[slot]!,
      bytes: new Uint8Array(plan.classes[slot] === alone ? own[slot]! : []),
    })),
    incomplete,
    fixedBytes: fixed + special * longestFact + slack,
    copies,
  }
}

/** Places without bytes where others begin or end: those that end first, those that begin last. */
function rank({ hole }: Cut): number {
  if (hole === holes.productEnds || hole === holes.sourceIdEnds) return 2
  return hole === holes.productBegins || hole === holes.sourceIdBegins ? 0 : 1
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

function factsOf(tried: Trial, times: readonly string[]): LineFacts {
  const { bytes, stream, offset, observed } = tried
  const chunk = { bytes, stream: { id: stream, receiver: '' }, offset, observed }
  return {
    ...lineFacts(chunk, idsOf(tried), formatTime(observed)),
    length: bytes.length,
    extent: bytes.length,
    offset,
    times: [...times],
  }
}

const scratch = new EventWriter()

/** Whether the filled stencil is what the general path makes of the line. */
function isTrue(stencil: Stencil, plan: Plan, tried: Trial, general: GeneralPath): boolean {
  const times: string[] = []
  for (const { index, kind } of stencil.times) {
    const { slot, reader } = plan.times[index]!
    const text = textOf(tried.bytes.subarray(tried.slots[2 * slot], tried.slots[2 * slot + 1]))
    const time = reader.readText(text)
    if (time === undefined || reader.kind !== kind) return false
    times[index] = time
  }
  const made = make(general, tried)
  if (made === undefined || made.incomplete !== stencil.incomplete) return false
  scratch.discard()
  return (
    fill(stencil, tried.slots, factsOf(tried, times), scratch) &&
    made.event.equals(scratch.bytes.subarray(0, scratch.at))
  )
}
