/**
 * Cuts a stencil: has the general path make events of lines with marked values, sees where the marks come out, and
 * keeps the rest as fixed bytes. The general path stays the only place that knows what a mapping means.
 *
 * Trust comes from comparison: the filled stencil must be, byte for byte, what the general path makes of the line
 * itself and of another one with other values. Where it is not, the line has no stencil.
 */
import { type Additions, nothingToAdd } from '../../attribution/enrich/contract.ts'
import { formatTime } from '../../event/time.ts'
import { EventWriter } from '../event-writer.ts'
import type { KeyPlace, StencilAdditions } from './additions.ts'
import { type AnswerStructures, bytesOf, inOrder } from './answer-structures.ts'
import { fill } from './fill.ts'
import { type Plan, textOf, valuesFor } from './marks.ts'
import { producerIdOf } from './producer-id.ts'
import { holes, programOf } from './program.ts'
import { alone } from './slot-class.ts'
import { keepParts, type ReadPart } from './slot-part.ts'
import { decidingValues, type Stencil } from './stencil.ts'
import { TimeText } from './time-text.ts'
import { factsOf, type GeneralPath, type Made, make, receivedText, type Trial, trial } from './trial.ts'

/**
 * @param considered slots that may decide
 * @param additions what the enrichers say; present where the general path has some
 */
export function cutStencil(
  plan: Plan,
  considered: readonly number[],
  own: readonly Uint8Array[],
  general: GeneralPath,
  additions: StencilAdditions | undefined,
): Stencil | undefined {
  const marks = valuesFor(plan, own, 'marks')
  const others = valuesFor(plan, own, 'others')
  if (marks === undefined || others === undefined) return undefined
  const { enrichment } = general
  const ofStream = additions?.ofStream() ?? []
  enrichment?.begin(ofStream)
  if (enrichment !== undefined && make(general, trial(plan.shape, own, 0)) === undefined) return undefined
  const given: Given = {
    own: [...(enrichment?.given ?? [])],
    asked: [...(enrichment?.asked ?? [])],
  }
  const answers = (mark: string) =>
    given.own.map((each, i) => each && additions!.structures.marked(each, `${mark} ${i}`))
  const markedAnswers = answers('mark of an enricher')
  enrichment?.begin(markedAnswers)
  const marked = trial(plan.shape, marks, 0)
  const made = make(general, marked)
  if (made === undefined) return undefined
  const keys = enrichment === undefined ? [] : keyPlaces(plan, marks, given, enrichment.asked, ofStream)
  const stencil =
    keys &&
    cutAt(
      {
        plan,
        considered,
        own,
        marks,
        marked,
        isReceived: general.received !== undefined,
        keys,
        markedAnswers,
        given,
      },
      made,
      additions?.structures,
    )
  if (stencil === undefined) return undefined
  // What is no time to this stencil may be anything, so it is anything where others are tried.
  const needed = new Set(stencil.times.map(({ index }) => plan.times[index]!.slot))
  for (const { slot } of plan.times)
    if (!needed.has(slot)) others[slot] = Buffer.from(anything[plan.shape.slots[slot]!.kind])
  const otherAnswers = answers('another of an enricher')
  const holds =
    isTrue(stencil, plan, trial(plan.shape, own, 1), general, given.own, additions) &&
    isTrue(stencil, plan, trial(plan.shape, others, 2), general, otherAnswers, additions)
  return holds ? stencil : undefined
}

/** What enrichers were asked for the line itself, and what they gave. */
interface Given {
  readonly asked: readonly (string | undefined)[]
  readonly own: readonly (Additions | undefined)[]
}

/** Undefined where a key is made of a slot in another way than by copying. */
function keyPlaces(
  { classes }: Plan,
  marks: readonly Uint8Array[],
  given: Given,
  asked: readonly (string | undefined)[],
  ofStream: readonly (Additions | undefined)[],
): KeyPlace[] | undefined {
  const places: KeyPlace[] = []
  for (const [i, text] of asked.entries()) {
    if (ofStream[i] !== undefined) {
      places[i] = 'stream'
      continue
    }
    const slot = marks.findIndex((mark, at) => classes[at] !== alone && Buffer.from(mark).toString() === text)
    if (slot < 0 && text !== given.asked[i]) return undefined
    places[i] = slot >= 0 ? slot : text === undefined ? undefined : textPlace(text)
  }
  return places
}

function textPlace(text: string): KeyPlace {
  const bytes = Buffer.from(text)
  return { text: bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

const anything = { string: 'anything but a time', number: '1' }

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

interface Cutting {
  readonly plan: Plan
  readonly considered: readonly number[]
  readonly own: readonly Uint8Array[]
  readonly marks: readonly Uint8Array[]
  readonly marked: Trial
  /** Not a line of a file: a record that a client delivered. */
  readonly isReceived: boolean
  readonly keys: readonly KeyPlace[]
  readonly markedAnswers: readonly (Additions | undefined)[]
  readonly given: Given
}

function cutAt(
  { plan, considered, own, marks, marked, isReceived, keys, markedAnswers, given }: Cutting,
  { event, incomplete, id }: Made,
  structures: AnswerStructures | undefined,
): Stencil | undefined {
  const text = event.toString('latin1')
  const provenance = isReceived
    ? receivedText(marked)
    : `"length":${marked.bytes.length},"offset":${marked.offset},`
  if (text.split(provenance).length !== 2) return undefined
  const slots = marks.length
  const found: Mark[] = [
    { text: formatTime(marked.observed), hole: holes.observed },
    { text: marked.stream, hole: holes.stream },
  ]
  const producer = producerIdOf(event)
  if (producer === undefined) found.push({ text: id, hole: holes.id })
  if (!isReceived) found.push({ text: String(marked.offset), hole: holes.offset })
  for (const [slot, mark] of marks.entries())
    if (plan.classes[slot] !== alone) found.push({ text: textOf(mark), hole: slot })
  for (const [index, { slot, reader }] of plan.times.entries()) {
    const time = reader.readText(textOf(marks[slot]!))
    if (time === undefined) return undefined
    found.push({ text: time, hole: slots + index })
  }
  const firstPart = slots + plan.times.length
  const parts = partsOf(plan, marks)
  for (const { index, like, text: part } of parts)
    if (like === undefined) found.push({ text: part, hole: firstPart + index })
  const firstAddition = firstPart + plan.parts.length
  for (const [enricher, answer] of markedAnswers.entries()) {
    if (answer === undefined || !structures!.hasHoles(answer)) continue
    for (const { value } of inOrder(answer)) {
      const mark = textOf(bytesOf(value))
      // What is not added is compared with what the event has: that takes more than copying.
      if (text.split(mark).length !== 2) return undefined
      found.push({ text: mark, hole: firstAddition + enricher })
    }
  }
  const isPart = (hole: number) => hole >= firstPart && hole < firstAddition
  const places = found.flatMap(({ text: mark, hole }) =>
    occurrences(text, mark).map((at) => ({ at, end: at + mark.length, hole })),
  )
  // Where a text stands whole, its parts are in it.
  const cuts: Cut[] = places.filter(
    (cut) => !(isPart(cut.hole) && places.some((other) => other !== cut && holds(other, cut))),
  )
  const provenanceAt = text.indexOf(provenance)
  if (isReceived) cuts.push({ at: provenanceAt, end: provenanceAt + provenance.length, hole: holes.received })
  else {
    cuts.push({ at: provenanceAt, end: provenanceAt, hole: holes.index })
    const lengthAt = provenanceAt + '"length":'.length
    cuts.push({ at: lengthAt, end: lengthAt + String(marked.bytes.length).length, hole: holes.length })
  }
  if (producer !== undefined) cuts.push(...producer)
  cuts.sort((a, b) => a.at - b.at || rank(a) - rank(b))
  if (cuts.some(({ at }, i) => i > 0 && at < cuts[i - 1]!.end)) return undefined

  const pieces = [...cuts, { at: event.length, end: event.length, hole: holes.end }].map(
    ({ at, hole }, i) => ({
      bytes: event.subarray(i === 0 ? 0 : cuts[i - 1]!.end, at),
      hole,
    }),
  )
  const fixed = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const special = cuts.filter(({ hole }) => hole < 0 || (hole >= slots && hole < firstPart)).length
  const slotOf = (hole: number) => (isPart(hole) ? plan.parts[hole - firstPart]!.slot : hole)
  const copies = Math.max(1, ...marks.map((_, i) => cuts.filter(({ hole }) => slotOf(hole) === i).length))
  return {
    program: programOf(pieces),
    slots,
    keys,
    structures: given.own.map((each) => (each === undefined ? 0 : structures!.of(each))),
    firstPart,
    firstAddition,
    hasProducerId: producer !== undefined,
    times: plan.times.flatMap(({ slot, reader }, index) => {
      if (!cuts.some(({ hole }) => hole === slots + index)) return []
      reader.readText(textOf(own[slot]!))
      return { index, kind: reader.kind }
    }),
    parts: parts.map(({ index, like }) => ({ index, like })),
    classes: Float64Array.from(considered, (slot) => plan.classes[slot]!),
    deciding: decidingValues(
      considered.flatMap((slot) => (plan.classes[slot] === alone ? { slot, bytes: own[slot]! } : [])),
    ),
    incomplete,
    fixedBytes: fixed + special * longestFact + slack,
    copies,
  }
}

/** The parts that are taken of a line's slots. */
function partsOf(
  plan: Plan,
  values: readonly Uint8Array[],
): readonly (ReadPart & { readonly text: string })[] {
  const found: (ReadPart & { readonly text: string })[] = []
  for (const [index, { slot, reader }] of plan.parts.entries()) {
    if (plan.classes[slot] === alone) continue
    const text = reader.read(textOf(values[slot]!))
    if (text === undefined) continue
    const like = found.find((one) => one.text === text && plan.parts[one.index]!.slot === slot)
    found.push({ index, like: like?.index, text })
  }
  return found
}

/** Whether one of them is more than the other, and has it within. */
function holds(outer: Cut, inner: Cut): boolean {
  return outer.at <= inner.at && outer.end >= inner.end && outer.end - outer.at > inner.end - inner.at
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

const scratch = new EventWriter()

/** Whether the filled stencil is what the general path makes of the line. */
function isTrue(
  stencil: Stencil,
  plan: Plan,
  tried: Trial,
  general: GeneralPath,
  answers: readonly (Additions | undefined)[],
  additions: StencilAdditions | undefined,
): boolean {
  const times: TimeText[] = []
  const parts: string[] = []
  for (const { index, kind } of stencil.times) {
    const { slot, reader } = plan.times[index]!
    const text = textOf(tried.bytes.subarray(tried.slots[2 * slot], tried.slots[2 * slot + 1]))
    const time = reader.readText(text)
    if (time === undefined || reader.kind !== kind) return false
    times[index] = TimeText.of(time)
  }
  for (const { index } of stencil.parts) {
    const { slot, reader } = plan.parts[index]!
    reader.read(textOf(tried.bytes.subarray(tried.slots[2 * slot], tried.slots[2 * slot + 1])))
  }
  if (!keepParts(stencil.parts, plan.parts, parts)) return false
  general.enrichment?.begin(answers)
  const made = make(general, tried)
  if (made === undefined || made.incomplete !== stencil.incomplete) return false
  scratch.discard()
  const facts = factsOf(general, tried, made, times, parts)
  if (additions !== undefined)
    facts.added = additions.structures.added(answers.map((each) => each ?? nothingToAdd))
  return (
    fill(stencil, tried.slots, facts, scratch) && made.event.equals(scratch.bytes.subarray(0, scratch.at))
  )
}
